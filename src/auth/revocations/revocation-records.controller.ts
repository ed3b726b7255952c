import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../../audit/origin.js';
import { Answers, bodyRefusals, tokenRefusals } from '../../common/http/answers.decorator.js';
import { RequiresRecentLogin } from '../../common/http/requires-recent-login.decorator.js';
import { ADMIN_ROLE, RequiresRole } from '../../common/http/requires-role.decorator.js';
import { NewRevocationDto } from './dto/new-revocation.dto.js';
import { RevocationQueryDto } from './dto/revocation-query.dto.js';
import { RevocationRecordDto, RevocationRecordListDto } from './dto/revocation-record.dto.js';
import { readCursor } from './revocation-cursor.js';
import { RevocationRecordsService, type Target } from './revocation-records.service.js';

const DESCRIPTION = `
- \`token\` forbids the one with this \`jti\`.
- \`session\` ends the session and everything issued in it.
- \`user\` forbids everything issued so far to this user or this client; a new login, or the secret, opens the door again.
- \`all\` forbids everything issued so far to anyone: **the token of this request too**, so log in again to go on.

Nobody needs to have the id. Asked for a second time, a token or a session keeps its first reason; a user and \`all\` are
cut off anew.`.trim();

/** The record of revocations, for administrators. */
@ApiTags('tokens')
@ApiBearerAuth('access_token')
@Controller('revocations/records')
@RequiresRole(ADMIN_ROLE)
export class RevocationRecordsController {
  constructor(private readonly records: RevocationRecordsService) {}

  @Get()
  @ApiOperation({ summary: 'List what is forbidden, newest first' })
  @Answers({
    status: 200,
    type: RevocationRecordListDto,
    refusals: [...tokenRefusals, 'validation_failed'],
  })
  async list(@Query() { level, cursor, limit }: RevocationQueryDto): Promise<RevocationRecordListDto> {
    const page = await this.records.list(level ?? null, cursor ? readCursor(cursor) : null, limit);
    return RevocationRecordListDto.of(page);
  }

  @Post()
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Forbid a token, a session, a user or everything', description: DESCRIPTION })
  @Answers({
    status: 201,
    type: RevocationRecordDto,
    refusals: [...tokenRefusals, ...bodyRefusals, 'insufficient_user_authentication'],
  })
  async forbid(
    @Body() { level, id, reason }: NewRevocationDto,
    @FromOrigin() by: Origin,
  ): Promise<RevocationRecordDto> {
    const target = { level, id } as Target;
    return RevocationRecordDto.of(await this.records.forbid(target, reason ?? 'administrator', by));
  }
}
