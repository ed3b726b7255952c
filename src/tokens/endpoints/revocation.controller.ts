import { Controller, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../../audit/origin.js';
import { Answers } from '../../common/http/answers.decorator.js';
import { OAuthParameters } from '../../common/http/oauth-parameters.decorator.js';
import { CallingClient } from './calling-client.decorator.js';
import { type OAuthClient } from './oauth-client.js';
import { oauthRefusals } from './oauth-refusals.js';
import { RevokedDto } from './revoked.dto.js';
import { TakesAnyClient } from './takes-client.decorator.js';
import { TokenParametersDto } from './token-parameters.dto.js';
import { TokenRevocationService } from './token-revocation.service.js';

/** RFC 7009. An answer of 200 means that it is stored. */
@ApiTags('for services')
@Controller('oauth/revoke')
export class RevocationController {
  constructor(private readonly revocations: TokenRevocationService) {}

  @Post()
  @TakesAnyClient()
  @ApiOperation({ summary: 'Revoke an access token, or the session of a refresh token (RFC 7009)' })
  @ApiBody({ type: TokenParametersDto })
  @Answers({ status: 200, type: RevokedDto, refusals: [...oauthRefusals, 'insufficient_scope'], shape: 'oauth' })
  async revoke(
    @CallingClient() client: OAuthClient,
    @OAuthParameters() { token }: TokenParametersDto,
    @FromOrigin() by: Origin,
  ): Promise<RevokedDto> {
    await this.revocations.revoke(client, token, by);
    return {};
  }
}
