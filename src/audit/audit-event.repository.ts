import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository, type SelectQueryBuilder } from 'typeorm';
import { AuditEvent, type NewAuditEvent } from './audit-event.entity.js';
import { type AuditEventName, type Outcome } from './audit-events.js';

/** Which events are asked for: those for which all of it holds. */
export interface AuditFilter {
  event?: AuditEventName | undefined;
  outcome?: Outcome | undefined;
  actor?: string | undefined;
  target?: string | undefined;
  sessionId?: string | undefined;
  ip?: string | undefined;
  /** RFC 3339; the first moment that counts. */
  from?: string | undefined;
  /** RFC 3339; the first moment that does not count any more. */
  to?: string | undefined;
}

/** Where a page ended: after this row. */
export interface AuditCursor {
  atMicros: string;
  id: string;
}

export interface AuditPage {
  events: AuditEvent[];
  next: AuditCursor | null;
}

/** What a row has to be like for each part of a filter; the parameters have the names of the parts. */
const CONDITIONS: Record<keyof AuditFilter, string> = {
  event: 'audit.event = :event',
  outcome: 'audit.outcome = :outcome',
  actor: 'audit.actor_id = :actor',
  target: 'audit.target_id = :target',
  sessionId: 'audit.session_id = :sessionId',
  ip: 'audit.ip = CAST(:ip AS inet)',
  from: 'audit.at >= CAST(:from AS timestamptz)',
  to: 'audit.at < CAST(:to AS timestamptz)',
};

// Microseconds, as PostgreSQL keeps them: a JavaScript Date would cut them off and skip rows.
const AT_MICROS = '(extract(epoch FROM audit.at) * 1000000)::bigint';
const IS_AFTER_CURSOR = `(audit.at, audit.id) < (
  timestamptz 'epoch' + CAST(:atMicros AS bigint) * interval '1 microsecond', CAST(:id AS bigint))`;

/** The rows of the audit trail. */
@Injectable()
export class AuditEventRepository {
  constructor(@InjectRepository(AuditEvent) private readonly events: Repository<AuditEvent>) {}

  /** In one statement, however many. Without a transaction it stands for itself. */
  async insert(events: readonly NewAuditEvent[], tx: EntityManager = this.events.manager): Promise<void> {
    if (events.length === 0) return;
    await tx.query(
      `INSERT INTO audit_events (event, outcome, actor_type, actor_id, target_type, target_id, session_id, ip, user_agent,
         request_id, details)
       SELECT event, outcome, "actorType", "actorId", "targetType", "targetId", "sessionId", ip, "userAgent",
         "requestId", details
       FROM jsonb_to_recordset($1::jsonb) AS new (event text, outcome text, "actorType" text, "actorId" text,
         "targetType" text, "targetId" text, "sessionId" uuid, ip inet, "userAgent" text, "requestId" text,
         details jsonb)`,
      [JSON.stringify(events)],
    );
  }

  /** Newest first. */
  async findPage(filter: AuditFilter, after: AuditCursor | null, limit: number): Promise<AuditPage> {
    const query = this.events
      .createQueryBuilder('audit')
      .addSelect(AT_MICROS, 'micros')
      .orderBy('audit.at', 'DESC')
      .addOrderBy('audit.id', 'DESC')
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1);
    narrow(query, filter);
    if (after) query.andWhere(IS_AFTER_CURSOR, after);
    const { entities, raw } = await query.getRawAndEntities<{ micros: string }>();
    const last = entities.length > limit ? limit - 1 : -1;
    return {
      events: entities.slice(0, limit),
      next: last >= 0 ? { atMicros: raw[last]!.micros, id: entities[last]!.id } : null,
    };
  }
}

function narrow(query: SelectQueryBuilder<AuditEvent>, filter: AuditFilter): void {
  for (const part of Object.keys(CONDITIONS) as (keyof AuditFilter)[]) {
    if (filter[part] !== undefined) query.andWhere(CONDITIONS[part], { [part]: filter[part] });
  }
}
