import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../audit/origin.js';
import { Answers, tokenRefusals } from '../common/http/answers.decorator.js';
import { Caller } from '../common/http/caller.decorator.js';
import { UuidParam } from '../common/http/uuid-param.js';
import { type UserAccessClaims } from '../tokens/access/access-token.service.js';
import { SessionsService } from '../tokens/sessions/sessions.service.js';
import { MessageDto } from './dto/message.dto.js';
import { SessionListDto } from './dto/session.dto.js';

/** The caller's devices. */
@ApiTags('sessions')
@ApiBearerAuth('access_token')
@Controller('sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  @ApiOperation({ summary: 'List the own sessions, newest first' })
  @Answers({ status: 200, type: SessionListDto, refusals: tokenRefusals })
  async list(@Caller() { sub, sid }: UserAccessClaims): Promise<SessionListDto> {
    return SessionListDto.of(await this.sessions.list(sub), sid);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'End one of the own sessions, and everything issued in it' })
  @Answers({ status: 200, type: MessageDto, refusals: [...tokenRefusals, 'session_not_found', 'not_found'] })
  async end(
    @Caller() { sub }: UserAccessClaims,
    @Param('id', UuidParam) id: string,
    @FromOrigin() by: Origin,
  ): Promise<MessageDto> {
    await this.sessions.endOwn(sub, id, 'logout', by);
    return { message: 'Session has been ended' };
  }
}
