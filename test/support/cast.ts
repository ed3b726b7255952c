import { randomBytes } from 'node:crypto';
import { type Account, aUsername, claimsOf, Given } from './given.js';
import { type ClientAccount, GivenClients } from './given-clients.js';
import { type TestService } from './service.js';
import { headerOf } from './tokens.js';

const SCOPES = 'tokens:introspect tokens:revoke revocations:read';

/** Who stands behind the names of generated requests. Each is made when a request first names it. */
export class Cast {
  private members = new Map<string, Promise<Record<string, string>>>();

  constructor(private readonly service: TestService) {}

  /** Everybody leaves: the next request finds others, whatever the last one has done to these. */
  dismiss(): void {
    this.members.clear();
  }

  async fillIn(text: string): Promise<string> {
    const names = new Set([...text.matchAll(/<<(\w+)\.(\w+)>>/g)].map(([whole]) => whole));
    let filled = text;
    for (const whole of names) {
      const [, who, what] = /<<(\w+)\.(\w+)>>/.exec(whole)!;
      filled = filled.replaceAll(whole, (await this.member(who!))[what!]!);
    }
    return filled;
  }

  private member(who: string): Promise<Record<string, string>> {
    const known = this.members.get(who);
    if (known) return known;
    const made = this.make(who);
    this.members.set(who, made);
    return made;
  }

  private async make(who: string): Promise<Record<string, string>> {
    const given = new Given(this.service);
    switch (who) {
      case 'user':
        return partsOf(await given.aUser());
      case 'admin':
        return partsOf(await given.anAdmin());
      case 'revoked':
        return this.revoked(await given.aUser());
      case 'client':
        return this.client();
      case 'key':
        return { kid: String(headerOf((await this.member('user'))['access']!)['kid']) };
      default:
        return { username: `${aUsername()}-${randomBytes(2).toString('hex')}` };
    }
  }

  private async revoked(account: Account): Promise<Record<string, string>> {
    await this.service.api.post('/logout', { token: account.access });
    return partsOf(account);
  }

  private async client(): Promise<Record<string, string>> {
    const clients = new GivenClients(this.service);
    const client: ClientAccount = await clients.aClient(SCOPES);
    const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
    return { ...client, basic, access: await clients.aToken(client) };
  }
}

function partsOf(account: Account): Record<string, string> {
  return { ...account, sid: claimsOf(account.access).sid };
}
