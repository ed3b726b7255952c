import { Controller, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers } from '../../common/http/answers.decorator.js';
import { OAuthParameters } from '../../common/http/oauth-parameters.decorator.js';
import { CallingClient } from './calling-client.decorator.js';
import { IntrospectionDto } from './introspection.dto.js';
import { IntrospectionService } from './introspection.service.js';
import { type OAuthClient } from './oauth-client.js';
import { oauthRefusals } from './oauth-refusals.js';
import { TakesClient } from './takes-client.decorator.js';
import { TokenParametersDto } from './token-parameters.dto.js';

/** RFC 7662. */
@ApiTags('for services')
@Controller('oauth/introspect')
export class IntrospectionController {
  constructor(private readonly introspections: IntrospectionService) {}

  @Post()
  @TakesClient()
  @ApiOperation({ summary: 'Ask whether a token counts (RFC 7662); needs the scope `tokens:introspect`' })
  @ApiBody({ type: TokenParametersDto })
  @Answers({
    status: 200,
    type: IntrospectionDto,
    refusals: [...oauthRefusals, 'insufficient_scope'],
    shape: 'oauth',
  })
  introspect(
    @CallingClient() client: OAuthClient,
    @OAuthParameters() { token }: TokenParametersDto,
  ): Promise<IntrospectionDto> {
    return this.introspections.introspect(client, token);
  }
}
