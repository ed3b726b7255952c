import { type Issuer } from './issuer.js';
import { VerifierError } from './verifier-error.js';

/** Asks the issuer whether a token counts (RFC 7662): those who ask for the same one at once, together. */
export class Introspection {
  private readonly asking = new Map<string, Promise<boolean>>();

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
    const { introspection_endpoint: url } = await this.issuer.metadata();
    const answer = (await this.issuer.postForm(url, { token, token_type_hint: 'access_token' })) as {
      active?: unknown;
    };
    if (typeof answer?.active !== 'boolean') throw new VerifierError('ERR_ISSUER_UNAVAILABLE', 'no answer of RFC 7662');
    return answer.active;
  }
}
