import { type Issuer } from './issuer.js';
import { Slots } from './slots.js';
import { VerifierError } from './verifier-error.js';

/** An issuer that has just come back is not asked about everything at once. */
const MAX_AT_ONCE = 32;

/** Milliseconds that a question may wait for others. */
const LONGEST_WAIT_MS = 1_000;

/** Asks the issuer whether a token counts (RFC 7662): those who ask for the same one at once, together. */
export class Introspection {
  private readonly asking = new Map<string, Promise<boolean>>();
  private readonly slots = new Slots(MAX_AT_ONCE);

  constructor(private readonly issuer: Issuer) {}

  /** @throws VerifierError `ERR_ISSUER_UNAVAILABLE`. */
  isActive(token: string): Promise<boolean> {
    const asked = this.asking.get(token);
    if (asked) return asked;
    const answer = this.ask(token).finally(() => this.asking.delete(token));
    this.asking.set(token, answer);
    return answer;
  }

  private async ask(token: string): Promise<boolean> {
    const beganAtMs = performance.now();
    await this.slots.take();
    try {
      // Of those who have waited for an issuer that does not answer, none asks it again.
      if (performance.now() - beganAtMs > LONGEST_WAIT_MS)
        throw new VerifierError('ERR_ISSUER_UNAVAILABLE', 'too many tokens to ask about');
      return await this.askNow(token);
    } finally {
      this.slots.give();
    }
  }

  private async askNow(token: string): Promise<boolean> {
    const { introspection_endpoint: url } = await this.issuer.metadata();
    const answer = (await this.issuer.postForm(url, { token, token_type_hint: 'access_token' })) as {
      active?: unknown;
    };
    if (typeof answer?.active !== 'boolean') throw new VerifierError('ERR_ISSUER_UNAVAILABLE', 'no answer of RFC 7662');
    return answer.active;
  }
}
