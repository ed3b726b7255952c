import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditEventRepository } from '../../audit/audit-event.repository.js';
import { Answers, tokenRefusals } from '../../common/http/answers.decorator.js';
import { ADMIN_ROLE, RequiresRole } from '../../common/http/requires-role.decorator.js';
import { readAuditCursor } from './audit-cursor.js';
import { AuditEventListDto } from './dto/audit-event.dto.js';
import { AuditQueryDto } from './dto/audit-query.dto.js';

const DESCRIPTION = `
Of events for which all of the filters hold. A walk from page to page shows each event once that was there when it began. One
that is stored meanwhile belongs to the top of the list, or a little below it: a transaction may take some seconds. To
collect all of them, begin anew with a \`from\` one minute before the last \`at\`, and pass over every \`id\` that you have.`.trim();

/** Who did what to whom, for administrators. */
@ApiTags('audit')
@ApiBearerAuth('access_token')
@Controller('audit')
@RequiresRole(ADMIN_ROLE)
export class AuditController {
  constructor(private readonly events: AuditEventRepository) {}

  @Get()
  @ApiOperation({ summary: 'List security events, newest first', description: DESCRIPTION })
  @Answers({ status: 200, type: AuditEventListDto, refusals: [...tokenRefusals, 'validation_failed'] })
  async list(@Query() { session_id, cursor, limit, ...filter }: AuditQueryDto): Promise<AuditEventListDto> {
    const after = cursor ? readAuditCursor(cursor) : null;
    return AuditEventListDto.of(await this.events.findPage({ ...filter, sessionId: session_id }, after, limit));
  }
}
