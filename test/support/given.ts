import { randomBytes, randomUUID } from 'node:crypto';
import argon2 from 'argon2';
import { DataSource } from 'typeorm';
import { BY_SYSTEM } from '../../src/audit/origin.js';
import { Transactions } from '../../src/database/transactions.js';
import { TokenPairService } from '../../src/tokens/refresh/token-pair.service.js';
import { knownSecrets } from './secrets.js';
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

/** Made once for all accounts of a process: a hash takes longer than everything else that makes one. */
let hashOfPassword: Promise<string> | undefined;

/**
 * Accounts in a service, and sessions of theirs, as registration and login leave them, without the check of a password
 * that those have tests of their own for.
 */
export class Given {
  private readonly dataSource: DataSource;

  constructor(private readonly service: Pick<TestService, 'app'>) {
    this.dataSource = service.app.get(DataSource);
  }

  aUser(username = aUsername()): Promise<Account> {
    return this.stored(username, []);
  }

  anAdmin(): Promise<Account> {
    return this.stored(aUsername(), ['admin']);
  }

  /** Another session of an account. */
  async aLogin(username: string): Promise<Account> {
    const [user] = await this.dataSource.query<{ id: string; roles: string[] }[]>(
      'SELECT id, roles FROM users WHERE username = $1',
      [username],
    );
    return this.inSession(user!.id, username, user!.roles);
  }

  private async stored(username: string, roles: string[]): Promise<Account> {
    const id = randomUUID();
    hashOfPassword ??= argon2.hash(aPassword, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    await this.dataSource.query('INSERT INTO users (id, username, password_hash, roles) VALUES ($1, $2, $3, $4)', [
      id,
      username,
      await hashOfPassword,
      roles,
    ]);
    return this.inSession(id, username, roles);
  }

  private async inSession(id: string, username: string, roles: string[]): Promise<Account> {
    const pairs = this.service.app.get(TokenPairService);
    const request = { device: { userAgent: 'node', ip: '127.0.0.1' }, by: BY_SYSTEM };
    const opened = await this.service.app.get(Transactions).run((tx) => pairs.open(id, request, tx));
    const { accessToken: access, refreshToken: refresh } = pairs.mint(opened, roles);
    for (const secret of [aPassword, access, refresh]) knownSecrets.note(secret);
    return { id, username, password: aPassword, access, refresh };
  }
}

/** What a token says, unverified. */
export function claimsOf(
  token: string,
): Record<string, unknown> & { sub: string; jti: string; sid: string; seq: number } {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
}
