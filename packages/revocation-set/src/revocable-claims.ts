/** What a token is called in the record. By its claims, never its text: one token can be spelt in several ways. */
export interface RevocableClaims {
  jti: string;
  /** Of tokens issued in a session; a client's have none. */
  sid?: string;
  sub: string;
  /** The issue number. */
  seq: number;
  /** The key that signed it. */
  kid: string;
}
