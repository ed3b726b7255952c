/** The connection that listens is not in the database of the pool, so that it hears nothing of what is revoked there. */
export class OtherDatabaseError extends Error {
  constructor() {
    super(
      'DATABASE_LISTEN_URL must lead to the same database as DATABASE_URL, past any pooler but one of sessions: what is said to the one is not heard on the other',
    );
  }
}
