import { Controller, Header, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../../audit/origin.js';
import { Answers } from '../../common/http/answers.decorator.js';
import { OAuthParameters } from '../../common/http/oauth-parameters.decorator.js';
import { CallingClient } from '../../tokens/endpoints/calling-client.decorator.js';
import { type OAuthClient } from '../../tokens/endpoints/oauth-client.js';
import { oauthRefusals } from '../../tokens/endpoints/oauth-refusals.js';
import { TakesAnyClient } from '../../tokens/endpoints/takes-client.decorator.js';
import { IssuedTokenDto } from './dto/issued-token.dto.js';
import { TokenRequestDto } from './dto/token-request.dto.js';
import { TokenGrantService } from './token-grant.service.js';

/** RFC 6749 §3.2. */
@ApiTags('for services')
@Controller('oauth/token')
export class OAuthTokenController {
  constructor(private readonly grants: TokenGrantService) {}

  @Post()
  @TakesAnyClient()
  // RFC 6749 §5.1: beside `Cache-Control: no-store`, which every answer has.
  @Header('pragma', 'no-cache')
  @ApiOperation({ summary: 'Get tokens for a refresh token, or as a client for itself (RFC 6749)' })
  @ApiBody({ type: TokenRequestDto })
  @Answers({
    status: 200,
    type: IssuedTokenDto,
    refusals: [
      ...oauthRefusals,
      'invalid_grant',
      'unauthorized_client',
      'unsupported_grant_type',
      'invalid_scope',
      'invalid_target',
    ],
    shape: 'oauth',
  })
  grant(
    @CallingClient() client: OAuthClient,
    @OAuthParameters() request: TokenRequestDto,
    @FromOrigin() by: Origin,
  ): Promise<IssuedTokenDto> {
    return this.grants.grant(client, request, by);
  }
}
