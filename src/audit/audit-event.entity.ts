import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type ActorType, type AuditEventName, type Outcome, type TargetType } from './audit-events.js';

/** One security event, as it is kept. Rows are added and removed at their end, never changed. */
@Entity('audit_events')
export class AuditEvent {
  /** The database counts; a text, since it may go beyond what a number holds. */
  @PrimaryColumn({ type: 'bigint', insert: false, update: false })
  id: string;

  @Column({ type: 'timestamptz', insert: false, update: false })
  at: Date;

  @Column({ type: 'text' })
  event: AuditEventName;

  @Column({ type: 'text' })
  outcome: Outcome;

  @Column({ name: 'actor_type', type: 'text' })
  actorType: ActorType;

  @Column({ name: 'actor_id', type: 'text', nullable: true })
  actorId: string | null;

  @Column({ name: 'target_type', type: 'text', nullable: true })
  targetType: TargetType | null;

  @Column({ name: 'target_id', type: 'text', nullable: true })
  targetId: string | null;

  /** The session that was opened, ended or misused; otherwise the one in which it was done. */
  @Column({ name: 'session_id', type: 'uuid', nullable: true })
  sessionId: string | null;

  @Column({ type: 'inet', nullable: true })
  ip: string | null;

  @Column({ name: 'user_agent', type: 'text', nullable: true })
  userAgent: string | null;

  /** As the answer and the log name the request. What one request has done has one. */
  @Column({ name: 'request_id', type: 'text', nullable: true })
  requestId: string | null;

  @Column({ type: 'jsonb' })
  details: Record<string, unknown>;
}

/** What is written of it; the database says when, and which place it has. */
export type NewAuditEvent = Omit<AuditEvent, 'id' | 'at'>;
