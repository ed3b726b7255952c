import { expect } from 'vitest';
import { type Answer } from './api-client.js';
import { type Account, Given } from './given.js';
import { type TestService } from './service.js';

/** A client that can prove who it is. */
export interface ClientAccount {
  id: string;
  secret: string;
}

/** RFC 6749 §2.3.1, of parts that need no encoding inside. */
export function basic({ id, secret }: ClientAccount): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

/** How the OAuth endpoints refuse: RFC 6749 §5.2, and a challenge with every 401. */
export function expectOAuthError(answer: Answer, status: number, error: string): void {
  const description = expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: { error, error_description: description },
  });
  expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  // No other refusal asks for credentials, least of all for a Bearer token, which these endpoints do not take.
  const challenge = answer.headers.get('www-authenticate');
  expect(challenge).toEqual(status === 401 ? expect.stringMatching(/^Basic realm="/) : null);
}

/** Clients of a service, made and used over HTTP. */
export class GivenClients {
  private admin: Promise<Account> | undefined;

  constructor(private readonly service: TestService) {}

  async aClient(scope = ''): Promise<ClientAccount> {
    const answer = await this.asAdmin('/clients', { client_name: 'a client', scope });
    if (answer.status !== 201) throw new Error(`the making of a client answered ${answer.status}`);
    return { id: answer.body.client_id, secret: answer.body.client_secret };
  }

  async withNewSecret({ id }: ClientAccount, previousSecretExpiresIn: number): Promise<ClientAccount> {
    const json = { previous_secret_expires_in: previousSecretExpiresIn };
    const answer = await this.asAdmin(`/clients/${id}/secret`, json);
    if (answer.status !== 200) throw new Error(`the change of a secret answered ${answer.status}`);
    return { id, secret: answer.body.client_secret };
  }

  /** Lets time pass for the secrets of a client. */
  async age({ id }: ClientAccount, interval: string): Promise<void> {
    const sql = 'UPDATE client_secrets SET expires_at = expires_at - $1::interval WHERE client_id = $2';
    await this.service.database.run(sql, [interval, id]);
  }

  /** An answer to the grant `client_credentials`. */
  tokenAnswer(client: ClientAccount, parameters: Record<string, string> = {}): Promise<Answer> {
    const form = { grant_type: 'client_credentials', ...parameters };
    return this.service.api.post('/oauth/token', { form, headers: basic(client) });
  }

  async aToken(client: ClientAccount, parameters: Record<string, string> = {}): Promise<string> {
    const answer = await this.tokenAnswer(client, parameters);
    if (answer.status !== 200) throw new Error(`the token endpoint answered ${answer.status}`);
    return answer.body.access_token as string;
  }

  private async asAdmin(path: string, json: object): Promise<Answer> {
    this.admin ??= new Given(this.service).anAdmin();
    return this.service.api.post(path, { token: (await this.admin).access, json });
  }
}
