/** A place in the order of everything issued and cut off, and the database's time of it. */
export interface IssueMoment {
  /** The `seq` claim. */
  issueNumber: string;
  now: Date;
}
