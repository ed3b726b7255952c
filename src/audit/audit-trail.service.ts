import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type Actor } from './actor.js';
import { type NewAuditEvent } from './audit-event.entity.js';
import { AuditEventRepository } from './audit-event.repository.js';
import { type AuditEventName, auditEvents, type DetailsOf, type RefusalName, type TargetType } from './audit-events.js';
import { type Origin } from './origin.js';
import { RefusalWriter } from './refusal-writer.service.js';

/** What is told of an event. */
export interface AuditFacts<Name extends AuditEventName> {
  by: Origin;
  /** Where it is somebody else than the origin says: nobody knows a user before the login. */
  actor?: Actor;
  target: { type: TargetType; id: string | null } | null;
  /** The session that was opened, ended or misused; without it, the one of the origin. */
  sessionId?: string | null;
  details: DetailsOf<Name>;
}

/**
 * Who did what to whom, from where, with what outcome. A deed is recorded in the transaction that does it: without the row
 * there is no deed, and without the deed no row. Nothing that opens a door is recorded; `audit-events.ts` says what is.
 */
@Injectable()
export class AuditTrail {
  constructor(
    private readonly events: AuditEventRepository,
    private readonly refusals: RefusalWriter,
  ) {}

  /** @throws Error outside of a transaction: the row could stay without the deed, or the deed without the row. */
  record<Name extends AuditEventName>(event: Name, facts: AuditFacts<Name>, tx: EntityManager): Promise<void> {
    return this.recordEach(event, [facts], tx);
  }

  /** The same event for each of many, in one statement. @throws Error likewise. */
  async recordEach<Name extends AuditEventName>(
    event: Name,
    each: readonly AuditFacts<Name>[],
    tx: EntityManager,
  ): Promise<void> {
    if (!tx.queryRunner?.isTransactionActive)
      throw new Error(`${event} is to be recorded in the transaction of its deed`);
    await this.events.insert(
      each.map((facts) => this.rowOf(event, facts)),
      tx,
    );
  }

  /** A refusal, which no transaction does. Soon over, and never an error of its own: see RefusalWriter. */
  recordRefusal<Name extends RefusalName>(event: Name, facts: AuditFacts<Name>): Promise<void> {
    return this.refusals.write(this.rowOf(event, facts));
  }

  private rowOf<Name extends AuditEventName>(event: Name, facts: AuditFacts<Name>): NewAuditEvent {
    const { by, target } = facts;
    const { type: actorType, id: actorId } = facts.actor ?? by.actor;
    return {
      event,
      outcome: auditEvents[event].outcome,
      actorType,
      actorId,
      targetType: target?.type ?? null,
      targetId: target?.id ?? null,
      sessionId: facts.sessionId === undefined ? by.sessionId : facts.sessionId,
      ip: by.ip,
      userAgent: by.userAgent,
      requestId: by.requestId,
      details: facts.details,
    };
  }
}
