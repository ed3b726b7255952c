/** Who can have done something. */
export const ACTOR_TYPES = ['user', 'client', 'anonymous', 'command', 'system'] as const;

export type ActorType = (typeof ACTOR_TYPES)[number];

export const OUTCOMES = ['success', 'refused'] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** What something can have been done to. */
export const TARGET_TYPES = ['user', 'client', 'session', 'token', 'key', 'all'] as const;

export type TargetType = (typeof TARGET_TYPES)[number];

interface EventFacts {
  /** One sentence, for docs/events.md. */
  says: string;
  outcome: Outcome;
  /** Who can be the actor. */
  by: readonly ActorType[];
  /** What can be the target; nothing where it is not known, or there is none. */
  to: readonly TargetType[];
  /** What else a row tells, each with its meaning. Never anything that opens a door. */
  details: Record<string, string>;
}

const reasonOfEnd = {
  reason: '`logout`, `administrator`, `client` or `too_many`: whose will it was, or that a newer login took its place',
};
const throttled = { limit: 'the limit that was exceeded, by its name in `RateLimit-Policy`' };
const ofKey = {
  purpose: '`access` or `refresh`: the kind of token',
  algorithm: 'how it signs',
};

/**
 * Every security event: the whole policy of the audit trail. docs/events.md is generated from it. A refresh is none, nor is
 * a token that a client gets for itself: see docs/decisions/0017-the-audit-trail.md.
 */
export const auditEvents = {
  'user.registered': {
    says: 'Somebody made an account, and is logged in.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: {},
  },
  'registration.throttled': {
    says: 'A registration was refused, since there were too many from its address.',
    outcome: 'refused',
    by: ['anonymous'],
    to: [],
    details: throttled,
  },
  'login.succeeded': {
    says: 'A user logged in; the session is the one that was opened.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: {},
  },
  'login.refused': {
    says: 'A login was refused. The target is the account that has the name; a name that nobody has is not kept, since people type passwords into that field.',
    outcome: 'refused',
    by: ['anonymous'],
    to: ['user'],
    details: {
      reason:
        '`unknown_name`, `wrong_password`, `disabled` (with the right password), or `changed_meanwhile`: while it was checked',
    },
  },
  'login.throttled': {
    says: 'A login was refused before anybody looked at the name or the password, since too many had failed.',
    outcome: 'refused',
    by: ['anonymous'],
    to: [],
    details: throttled,
  },
  'refresh_token.reused': {
    says: 'A refresh token came back after its successor had been used, or too late: a copy of it is about. Its session was ended.',
    outcome: 'refused',
    by: ['user'],
    to: ['user'],
    details: { generation: 'the place of the token in its session' },
  },
  'access_token.revoked': {
    says: 'One access token was taken back. The target is whom it was issued to.',
    outcome: 'success',
    by: ['user', 'client'],
    to: ['user', 'client'],
    details: { jti: 'the name of the token', reason: '`logout` or `client`' },
  },
  'session.ended': {
    says: 'One session was ended, and everything issued in it. The target is its user; the session itself, if it was gone already.',
    outcome: 'success',
    by: ['user', 'client'],
    to: ['user', 'session'],
    details: reasonOfEnd,
  },
  'sessions.ended': {
    says: 'Every session of a user was ended.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: { reason: '`logout` or `administrator`' },
  },
  'other_sessions.ended': {
    says: 'Every session of a user but the one in which it was asked for was ended.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: { count: 'how many' },
  },
  'password.changed': {
    says: 'A user changed the own password, which ended everything issued before.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: {},
  },
  'password_change.refused': {
    says: 'The current password that came with a change was wrong: somebody may have got hold of a token.',
    outcome: 'refused',
    by: ['user'],
    to: ['user'],
    details: {},
  },
  'password_change.throttled': {
    says: 'A change of a password was refused before anybody looked at the current one, since too many had been wrong.',
    outcome: 'refused',
    by: ['user'],
    to: ['user'],
    details: throttled,
  },
  'password.reset': {
    says: 'An administrator gave a user a new password, which ended everything issued before.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: {},
  },
  'access.refused': {
    says: 'A user asked for something that is for another role.',
    outcome: 'refused',
    by: ['user'],
    to: [],
    details: { role: 'the role that it is for' },
  },
  'user.disabled': {
    says: 'An administrator disabled a user, which ended everything issued before.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: {},
  },
  'user.enabled': {
    says: 'An administrator let a disabled user log in again.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: {},
  },
  'user.roles_changed': {
    says: 'An administrator gave or took roles; taking one ended everything issued before.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: { before: 'the roles until then', after: 'the roles from then on' },
  },
  'user.deleted': {
    says: 'An account was deleted, by its user or by an administrator. Of a deletion of everybody, each user has a row.',
    outcome: 'success',
    by: ['user'],
    to: ['user'],
    details: {},
  },
  'administrator.created': {
    says: 'An administrator was made by the command line, or at start from `ADMIN_USERNAME`.',
    outcome: 'success',
    by: ['command', 'system'],
    to: ['user'],
    details: {},
  },
  'client.created': {
    says: 'A client was made.',
    outcome: 'success',
    by: ['user', 'command'],
    to: ['client'],
    details: { scope: 'what it may do' },
  },
  'client.secret_renewed': {
    says: 'A client was given a new secret.',
    outcome: 'success',
    by: ['user'],
    to: ['client'],
    details: { previous_secret_expires_in: 'for how long the earlier ones went on, in seconds' },
  },
  'client.deleted': {
    says: 'A client was deleted, which ended every token that it had got.',
    outcome: 'success',
    by: ['user'],
    to: ['client'],
    details: {},
  },
  'client.refused': {
    says: 'A client did not prove who it is: the secret was wrong, or has ended, or there is no such client. The target is the client that it said to be, where that can be the id of one.',
    outcome: 'refused',
    by: ['anonymous'],
    to: ['client'],
    details: {},
  },
  'key.created': {
    says: 'A signing key was made, to sign later or, where there was none, at once.',
    outcome: 'success',
    by: ['user', 'command', 'system'],
    to: ['key'],
    details: ofKey,
  },
  'key.imported': {
    says: 'A signing key that was made elsewhere was brought in, and is the next to sign.',
    outcome: 'success',
    by: ['command'],
    to: ['key'],
    details: ofKey,
  },
  'key.rotated': {
    says: 'A key took the place of the one before, because its time had come, or an administrator brought that forward.',
    outcome: 'success',
    by: ['user', 'system'],
    to: ['key'],
    details: { ...ofKey, activates_at: 'from when on it signs' },
  },
  'key.retired': {
    says: 'A key ended without a successor, since tokens are signed with a shared secret from then on.',
    outcome: 'success',
    by: ['system'],
    to: ['key'],
    details: ofKey,
  },
  'key.forbidden': {
    says: 'A key was forbidden, and with it everything that it had signed.',
    outcome: 'success',
    by: ['user'],
    to: ['key'],
    details: ofKey,
  },
  'revocation.recorded': {
    says: 'An administrator forbade a token, a session, a user or everything by its id.',
    outcome: 'success',
    by: ['user'],
    to: ['token', 'session', 'user', 'all'],
    details: { reason: 'what the administrator wrote' },
  },
  'revocation.refused': {
    says: 'A client asked to take back a token that was issued to another one, which it may not.',
    outcome: 'refused',
    by: ['client'],
    to: ['user', 'client'],
    details: { jti: 'the name of the token' },
  },
  'refusals.left_out': {
    says: 'Within a minute there were more refusals than one network, or all together, may write; this row stands for the others.',
    outcome: 'refused',
    by: ['system'],
    to: [],
    details: {
      count: 'how many were left out',
      networks: 'from how many networks they came',
      busiest_network: 'the network of most of them',
    },
  },
} as const satisfies Record<string, EventFacts>;

export type AuditEventName = keyof typeof auditEvents;

export const AUDIT_EVENT_NAMES = Object.keys(auditEvents) as AuditEventName[];

/** Those that are refusals. */
export type RefusalName = {
  [Name in AuditEventName]: (typeof auditEvents)[Name]['outcome'] extends 'refused' ? Name : never;
}[AuditEventName];

type DetailOf<Name extends AuditEventName> = keyof (typeof auditEvents)[Name]['details'];

/** Everything that the row of an event tells beside what every row does. */
export type DetailsOf<Name extends AuditEventName> = Record<DetailOf<Name>, unknown>;
