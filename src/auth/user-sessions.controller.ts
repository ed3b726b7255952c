import { Body, Controller, Delete, Get, Param, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../audit/origin.js';
import { Answers, bodyRefusals, tokenRefusals } from '../common/http/answers.decorator.js';
import { Caller } from '../common/http/caller.decorator.js';
import { RequiresRecentLogin } from '../common/http/requires-recent-login.decorator.js';
import { ADMIN_ROLE, RequiresRole } from '../common/http/requires-role.decorator.js';
import { UuidParam } from '../common/http/uuid-param.js';
import { type ErrorCode } from '../common/errors/error-catalog.js';
import { type UserAccessClaims } from '../tokens/access/access-token.service.js';
import { SessionsService } from '../tokens/sessions/sessions.service.js';
import { UsersService } from '../users/users.service.js';
import { AccountService } from './account.service.js';
import { MessageDto } from './dto/message.dto.js';
import { PasswordResetDto } from './dto/password.dto.js';
import { SessionListDto } from './dto/session.dto.js';
import { PasswordService } from './password.service.js';

const refusals: readonly ErrorCode[] = [...tokenRefusals, 'user_not_found', 'not_found'];
const refusalsToEnd: readonly ErrorCode[] = [...refusals, 'insufficient_user_authentication'];

/** What administrators do about the sessions of a user: see them, end them, and give a new password, which ends them all. */
@ApiTags('users')
@ApiBearerAuth('access_token')
@Controller('users/:id')
@RequiresRole(ADMIN_ROLE)
export class UserSessionsController {
  constructor(
    private readonly accounts: AccountService,
    private readonly passwords: PasswordService,
    private readonly sessions: SessionsService,
    private readonly users: UsersService,
  ) {}

  @Get('sessions')
  @ApiOperation({ summary: 'List the sessions of a user, newest first' })
  @Answers({ status: 200, type: SessionListDto, refusals })
  async list(@Param('id', UuidParam) id: string, @Caller() { sid }: UserAccessClaims): Promise<SessionListDto> {
    await this.users.get(id);
    return SessionListDto.of(await this.sessions.list(id), sid);
  }

  @Delete('sessions')
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'End every session of a user, and everything issued in them' })
  @Answers({ status: 200, type: MessageDto, refusals: refusalsToEnd })
  endAll(@Param('id', UuidParam) id: string, @FromOrigin() by: Origin): Promise<MessageDto> {
    return this.logOut(id, by);
  }

  @Delete('sessions/:sid')
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'End one session of a user' })
  @Answers({ status: 200, type: MessageDto, refusals: [...refusalsToEnd, 'session_not_found'] })
  async end(
    @Param('id', UuidParam) id: string,
    @Param('sid', UuidParam) sid: string,
    @FromOrigin() by: Origin,
  ): Promise<MessageDto> {
    await this.sessions.endOwn(id, sid, 'administrator', by);
    return { message: 'Session has been ended' };
  }

  @Post('logout')
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'End every session of a user, and everything issued in them' })
  @Answers({ status: 200, type: MessageDto, refusals: refusalsToEnd })
  async logOut(@Param('id', UuidParam) id: string, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.accounts.logOut(id, 'administrator', by);
    return { message: 'User has been logged out everywhere' };
  }

  @Put('password')
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Give a user a new password, which ends everything issued before' })
  @Answers({
    status: 200,
    type: MessageDto,
    refusals: [...refusalsToEnd, ...bodyRefusals, 'too_busy'],
  })
  async resetPassword(
    @Param('id', UuidParam) id: string,
    @Body() body: PasswordResetDto,
    @FromOrigin() by: Origin,
  ): Promise<MessageDto> {
    await this.passwords.reset(id, body.new_password, by);
    return { message: 'Password has been changed' };
  }
}
