import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { AUDIT_EVENT_NAMES, type AuditEventName, type Outcome, OUTCOMES } from '../../../audit/audit-events.js';
import { DEFAULT_LIMIT, IsCursor, IsLimit } from '../../../common/http/page-query.js';
import { AUDIT_CURSOR_PATTERN } from '../audit-cursor.js';
import { IsAddress, IsId, IsMoment, IsSessionId } from './filters.js';

/** Which events are asked for: those for which all of it holds. */
export class AuditQueryDto {
  @ApiPropertyOptional({ enum: AUDIT_EVENT_NAMES, description: 'This event alone; docs/events.md has them all.' })
  @IsOptional()
  @IsIn(AUDIT_EVENT_NAMES, { message: 'event must be one of docs/events.md' })
  event?: AuditEventName;

  @ApiPropertyOptional({ enum: OUTCOMES })
  @IsOptional()
  @IsIn(OUTCOMES, { message: `outcome must be one of ${OUTCOMES.join(', ')}` })
  outcome?: Outcome;

  @ApiPropertyOptional({ description: 'What this user or client has done.' })
  @IsOptional()
  @IsId('actor')
  actor?: string;

  @ApiPropertyOptional({
    description: 'What was done to this user, session, client, token or key.',
  })
  @IsOptional()
  @IsId('target')
  target?: string;

  @ApiPropertyOptional({
    description: 'What opened, ended or misused this session, or was done in it.',
    format: 'uuid',
  })
  @IsOptional()
  @IsSessionId()
  session_id?: string;

  @ApiPropertyOptional({ description: 'What came from this address.' })
  @IsOptional()
  @IsAddress()
  ip?: string;

  @ApiPropertyOptional({
    description: 'The first moment that counts (RFC 3339; `+` is `%2B` in an address).',
    format: 'date-time',
  })
  @IsOptional()
  @IsMoment('from')
  from?: string;

  @ApiPropertyOptional({
    description: 'The first moment that does not count any more.',
    format: 'date-time',
  })
  @IsOptional()
  @IsMoment('to')
  to?: string;

  @IsLimit('Events')
  limit = DEFAULT_LIMIT;

  @IsCursor(AUDIT_CURSOR_PATTERN)
  cursor?: string;
}
