import { ApiProperty } from '@nestjs/swagger';
import { type AuditEvent } from '../../../audit/audit-event.entity.js';
import { type AuditPage } from '../../../audit/audit-event.repository.js';
import {
  ACTOR_TYPES,
  type ActorType,
  AUDIT_EVENT_NAMES,
  type AuditEventName,
  type Outcome,
  OUTCOMES,
  TARGET_TYPES,
  type TargetType,
} from '../../../audit/audit-events.js';
import { writeAuditCursor } from '../audit-cursor.js';

/** Who did what to whom, when, from where, and what came of it. */
export class AuditEventDto {
  @ApiProperty({ example: '4711', description: 'Given once. Not without holes, nor in the order of `at`.' })
  id: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-01T12:00:00.000Z', description: 'By the database’s clock.' })
  at: string;

  @ApiProperty({ enum: AUDIT_EVENT_NAMES, example: 'login.succeeded' })
  event: AuditEventName;

  @ApiProperty({ enum: OUTCOMES, example: 'success' })
  outcome: Outcome;

  @ApiProperty({ enum: ACTOR_TYPES, example: 'user' })
  actor_type: ActorType;

  @ApiProperty({ type: String, nullable: true, example: '5f0c1c0e-9a3f-4f5e-8b57-2f3f6e0f7c11' })
  actor_id: string | null;

  @ApiProperty({ type: String, nullable: true, enum: [...TARGET_TYPES, null], example: 'user' })
  target_type: TargetType | null;

  @ApiProperty({ type: String, nullable: true, example: '5f0c1c0e-9a3f-4f5e-8b57-2f3f6e0f7c11' })
  target_id: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'uuid',
    example: '8c1f4a3e-0d5b-4f0e-9a86-3f6f6a6f1b7d',
    description: 'The session that was opened, ended or misused; otherwise the one in which it was done.',
  })
  session_id: string | null;

  @ApiProperty({ type: String, nullable: true, example: '192.0.2.7' })
  ip: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'curl/8.5.0', description: 'As the client said, cut.' })
  user_agent: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'kX3fP0aB-1f',
    description: 'The `X-Request-Id` of the answer: what one request has done has one.',
  })
  request_id: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: {}, description: 'docs/events.md says what.' })
  details: Record<string, unknown>;

  static of(event: AuditEvent): AuditEventDto {
    return {
      id: event.id,
      at: event.at.toISOString(),
      event: event.event,
      outcome: event.outcome,
      actor_type: event.actorType,
      actor_id: event.actorId,
      target_type: event.targetType,
      target_id: event.targetId,
      session_id: event.sessionId,
      ip: event.ip,
      user_agent: event.userAgent,
      request_id: event.requestId,
      details: event.details,
    };
  }
}

export class AuditEventListDto {
  @ApiProperty({ type: [AuditEventDto] })
  events: AuditEventDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: null,
  })
  next_cursor: string | null;

  static of({ events, next }: AuditPage): AuditEventListDto {
    return { events: events.map((event) => AuditEventDto.of(event)), next_cursor: next && writeAuditCursor(next) };
  }
}
