import { randomBytes } from 'node:crypto';
import { type TestService } from './service.js';

export interface Account {
  id: string;
  username: string;
  password: string;
  access: string;
  refresh: string;
}

export function aUsername(): string {
  return `user-${randomBytes(6).toString('hex')}`;
}

export const aPassword = 'correct horse battery staple';

/** Accounts in a service, made as their owners would make them. */
export class Given {
  constructor(private readonly service: Pick<TestService, 'api' | 'database'>) {}

  async aUser(username = aUsername()): Promise<Account> {
    const answer = await this.service.api.post('/registration', { json: { username, password: aPassword } });
    if (answer.status !== 201) throw new Error(`registration answered ${answer.status}`);
    return this.account(username, answer.body);
  }

  /** Promoted in the database: over HTTP only another administrator could. A refresh brings the role home. */
  async anAdmin(): Promise<Account> {
    const { username, refresh } = await this.aUser();
    await this.service.database.run(`UPDATE users SET roles = '{admin}' WHERE username = $1`, [username]);
    const answer = await this.service.api.post('/token/refresh', { token: refresh });
    if (answer.status !== 200) throw new Error(`refresh answered ${answer.status}`);
    return this.account(username, answer.body);
  }

  async aLogin(username: string): Promise<Account> {
    const answer = await this.service.api.post('/login', { json: { username, password: aPassword } });
    if (answer.status !== 200) throw new Error(`login answered ${answer.status}`);
    return this.account(username, answer.body);
  }

  private account(username: string, body: { access_token: string; refresh_token: string }): Account {
    const { access_token: access, refresh_token: refresh } = body;
    return { id: claimsOf(access).sub, username, password: aPassword, access, refresh };
  }
}

/** What a token says, unverified. */
export function claimsOf(
  token: string,
): Record<string, unknown> & { sub: string; jti: string; sid: string; seq: number } {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
}
