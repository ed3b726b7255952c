import { Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../audit/origin.js';
import { AlsoForClients } from '../common/http/also-for-clients.decorator.js';
import { Answers, anyTokenRefusals, tokenRefusals } from '../common/http/answers.decorator.js';
import { Caller } from '../common/http/caller.decorator.js';
import { type AccessTokenClaims, type UserAccessClaims } from '../tokens/access/access-token.service.js';
import { type SessionClaims } from '../tokens/claims.js';
import { type RefreshTokenClaims } from '../tokens/refresh/refresh-token.service.js';
import { RevocationService } from '../tokens/revocation/revocation.service.js';
import { SessionsService } from '../tokens/sessions/sessions.service.js';
import { AccountService } from './account.service.js';
import { MessageDto } from './dto/message.dto.js';
import { TakesAnyToken, TakesRefreshToken } from './guards/takes-token.decorator.js';

/** The ways to take tokens back. An answer of 200 means that it is stored. */
@ApiTags('tokens')
@Controller('logout')
export class LogoutController {
  constructor(
    private readonly revocations: RevocationService,
    private readonly sessions: SessionsService,
    private readonly accounts: AccountService,
  ) {}

  @Post('access')
  @AlsoForClients()
  @ApiBearerAuth('access_token')
  @ApiOperation({ summary: 'Revoke this access token' })
  @Answers({ status: 200, type: MessageDto, refusals: anyTokenRefusals })
  async revokeAccess(@Caller() claims: AccessTokenClaims, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.revocations.revokeToken(claims, 'logout', by);
    return { message: 'Access token has been revoked' };
  }

  @Post('refresh')
  @TakesRefreshToken()
  @ApiBearerAuth('refresh_token')
  @ApiOperation({ summary: 'Revoke this refresh token and with it its session' })
  @Answers({ status: 200, type: MessageDto, refusals: anyTokenRefusals })
  async revokeRefresh(@Caller() { sid }: RefreshTokenClaims, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.sessions.end(sid, 'logout', by);
    return { message: 'Refresh token has been revoked' };
  }

  @Post('all')
  @ApiBearerAuth('access_token')
  @ApiOperation({ summary: 'End every session of the caller, this one included' })
  @Answers({ status: 200, type: MessageDto, refusals: [...tokenRefusals, 'user_not_found'] })
  async endAll(@Caller() { sub }: UserAccessClaims, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.accounts.logOut(sub, 'logout', by);
    return { message: 'Logged out everywhere' };
  }

  @Post('others')
  @ApiBearerAuth('access_token')
  @ApiOperation({ summary: 'End every session of the caller but this one' })
  @Answers({ status: 200, type: MessageDto, refusals: [...tokenRefusals, 'user_not_found'] })
  async endOthers(@Caller() { sub, sid }: UserAccessClaims, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.accounts.logOutOthers(sub, sid, by);
    return { message: 'Logged out everywhere else' };
  }

  @Post()
  @TakesAnyToken()
  @ApiBearerAuth('access_token')
  @ApiBearerAuth('refresh_token')
  @ApiOperation({ summary: 'End the session of either token, and everything issued in it' })
  @Answers({ status: 200, type: MessageDto, refusals: tokenRefusals })
  async endSession(@Caller() { sid }: SessionClaims, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.sessions.end(sid, 'logout', by);
    return { message: 'Logged out' };
  }
}
