import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

const UUID = '00000000-0000-4000-8000-000000000000';

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  jwk: object;
}

/** An issuer that says what a test tells it to say: what the real one does not do, or not on demand. */
export class ScriptedIssuer {
  /** What followers asked for, in the order in which they came: their `Last-Event-ID`. */
  readonly asked: (string | undefined)[] = [];
  /** Added to, or put in place of, what the metadata says. */
  metadata: Record<string, unknown> = {};
  /** How often the keys were read. */
  keyReadings = 0;
  keysMaxAgeSeconds = 300;
  isActive = true;
  /** Answers who asks for the keys or about a token, in place of the usual. */
  onKeys: ((response: ServerResponse) => void) | undefined;
  onIntrospect: ((response: ServerResponse) => void) | undefined;
  /** Answers a follower; by default its stream begins and nothing is proved. */
  onFollow: (response: ServerResponse, issuer: ScriptedIssuer) => void = (response, issuer) => issuer.begin(response);
  readonly url: string;
  private readonly began = performance.now();

  private constructor(
    private readonly server: Server,
    public keys: SigningKey[],
  ) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<ScriptedIssuer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = new ScriptedIssuer(server, [await aKey('first')]);
    server.on('request', (request, response) => issuer.answer(request, response));
    return issuer;
  }

  /** On this issuer's own clock, which has nothing to do with that of anybody else. */
  get clockMs(): number {
    return performance.now() - this.began + 1e6;
  }

  aToken(claims: object = {}, [key] = this.keys): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = {
      sub: UUID,
      client_id: 'app',
      jti: UUID,
      sid: UUID,
      seq: 7,
      auth_time: now,
      roles: [],
      aud: 'orders',
    };
    return new SignJWT({ ...usual, iss: this.url, iat: now, exp: now + 60, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: key!.kid, typ: 'at+jwt' })
      .sign(key!.privateKey);
  }

  begin(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.write(response, { event: 'open', data: { time_ms: this.clockMs, heartbeat_ms: 500 } });
  }

  tell(response: ServerResponse, number: number, record: object): void {
    this.write(response, { id: number, event: 'revocation', data: record });
  }

  prove(response: ServerResponse, number: number, timeMs = this.clockMs): void {
    this.write(response, { id: number, event: 'proof', data: { time_ms: timeMs } });
  }

  write(response: ServerResponse, { id, event, data }: { id?: number; event: string; data: object | string }): void {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${text}\n\n`);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
    if (url === '/.well-known/oauth-authorization-server') this.json(response, this.describe());
    else if (url === '/keys') (this.onKeys ?? ((usual) => this.publish(usual)))(response);
    else if (url === '/introspect') {
      (this.onIntrospect ?? ((usual) => this.json(usual, { active: this.isActive })))(response);
    } else {
      this.asked.push(headers['last-event-id'] as string | undefined);
      this.onFollow(response, this);
    }
  }

  private describe(): object {
    const { url } = this;
    return {
      issuer: url,
      jwks_uri: `${url}/keys`,
      introspection_endpoint: `${url}/introspect`,
      revocation_stream_endpoint: `${url}/stream`,
      ...this.metadata,
    };
  }

  private publish(response: ServerResponse): void {
    this.keyReadings++;
    response.setHeader('cache-control', `public, max-age=${this.keysMaxAgeSeconds}`);
    this.json(response, { keys: this.keys.map(({ jwk }) => jwk) });
  }

  private json(response: ServerResponse, body: object): void {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  }
}

export async function aKey(kid: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

/** In an hour, in seconds since 1970. */
export const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;

export const aRecord = (id = UUID): object => ({ level: 'session', id, exp: inAnHour() });
