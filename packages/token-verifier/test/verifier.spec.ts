import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVerifier, type Verifier, type VerifierEvent, type VerifierOptions } from '../src/index.js';
import { aKey, aRecord, inAnHour, ScriptedIssuer } from './scripted-issuer.js';

// Real: HTTP. The issuer says what the test tells it; test/e2e/token-verifier.spec.ts has the real one.
let issuer: ScriptedIssuer;
let verifier: Verifier | undefined;
let events: VerifierEvent[];

beforeEach(async () => {
  issuer = await ScriptedIssuer.start();
  events = [];
});
afterEach(async () => {
  await verifier?.close();
  verifier = undefined;
  await issuer.stop();
});

function aVerifier(options: Partial<VerifierOptions> = {}): Verifier {
  const client = { id: 'me', secret: 'secret' };
  const onEvent = (event: VerifierEvent): void => void events.push(event);
  const usual = { issuer: issuer.url, audience: 'orders', client, whenOutOfSync: 'reject', onEvent } as const;
  return (verifier = createVerifier({ ...usual, ...options }));
}

const codeOf = (token: string): Promise<string | null> =>
  verifier!.verify(token).then(
    () => null,
    (error: { code: string }) => error.code,
  );
const OFTEN = { interval: 2, timeout: 8_000 };
const faults = (): string[] => events.flatMap((event) => (event.type === 'error' ? [event.error.message] : []));

describe('options that cannot be right are refused at once', () => {
  it.each<[string, Partial<VerifierOptions>]>([
    ['an issuer that is no address', { issuer: 'auth.example.com' }],
    ['no audience', { audience: '' }],
    ['no secret', { client: { id: 'me', secret: '' } }],
    ['a word that is no choice', { whenOutOfSync: 'accept' as 'allow' }],
    ['a staleness of nothing', { maxStalenessMs: 0 }],
    ['a staleness without end', { maxStalenessMs: Infinity }],
    ['more tolerance than a record is kept for, when a revoked token would pass again', { clockToleranceSeconds: 6 }],
  ])('%s', (_, options) => {
    expect(() => aVerifier(options)).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION', isRefusal: false }));
  });
});

describe('metadata is believed only', () => {
  it.each<[string, Record<string, unknown>]>([
    ['of the issuer that was asked (RFC 8414 §3.3)', { issuer: 'https://another.example' }],
    ['when it keeps the secret with the issuer', { revocation_stream_endpoint: 'http://127.0.0.1:1/stream' }],
    ['when it names what is needed', { jwks_uri: undefined }],
  ])('%s', async (_, metadata) => {
    issuer.metadata = metadata;
    aVerifier();
    expect(await codeOf(await issuer.aToken())).toBe('ERR_CONFIGURATION');
    expect(issuer.asked).toEqual([]);
  });
});

describe('the issuer', () => {
  it('that does not answer makes no refusals: nothing could be known', async () => {
    const token = await issuer.aToken();
    const { url } = issuer;
    await issuer.stop();
    aVerifier({ issuer: url });
    const error = await verifier!.verify(token).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE', isRefusal: false });
    issuer = await ScriptedIssuer.start();
  });

  it('that says a token is not active is believed, and asked once by all who wait', async () => {
    aVerifier({ whenOutOfSync: 'introspect' });
    const token = await issuer.aToken();
    expect(await codeOf(token)).toBeNull();
    issuer.isActive = false;
    expect(await Promise.all([codeOf(token), codeOf(token)])).toEqual(['ERR_TOKEN_REVOKED', 'ERR_TOKEN_REVOKED']);
  });
});

describe('keys', () => {
  it('that are new are found, and asked for only so often because of tokens that name any', async () => {
    aVerifier({ whenOutOfSync: 'allow' });
    expect(await codeOf(await issuer.aToken())).toBeNull();
    const stranger = await aKey('stranger');
    const forged = await issuer.aToken({}, [stranger]);
    for (let n = 0; n < 20; n++) expect(await codeOf(forged)).toBe('ERR_KEY_UNKNOWN');
    expect(issuer.keyReadings).toBe(1);
  });

  it('that are no longer published do not count, although their tokens were verified before', async () => {
    issuer.keysMaxAgeSeconds = 0;
    aVerifier({ whenOutOfSync: 'allow' });
    const token = await issuer.aToken();
    expect(await codeOf(token)).toBeNull();
    issuer.keys = [await aKey('second')];
    await expect.poll(() => codeOf(token), OFTEN).toBe('ERR_KEY_UNKNOWN');
    expect(events.filter(({ type }) => type === 'keys-changed')).toMatchObject([
      { kids: ['first'] },
      { kids: ['second'] },
    ]);
  });
});

describe('the stream', () => {
  it('is gone on with where it stopped, also half-way through', async () => {
    let times = 0;
    issuer.onFollow = (response) => {
      issuer.begin(response);
      if (++times === 1) issuer.tell(response, 5, aRecord());
      if (times === 1) response.end();
      else issuer.prove(response, 6);
    };
    await aVerifier().start();
    expect(issuer.asked).toEqual([undefined, '5']);
    expect(await codeOf(await issuer.aToken())).toBe('ERR_TOKEN_REVOKED');
    expect(verifier!.status()).toMatchObject({ inSync: true, number: 6, records: 1 });
  });

  it('that another database serves is read anew, and what the old one said is forgotten', async () => {
    let times = 0;
    issuer.onFollow = (response) => {
      if (++times === 2) {
        response.writeHead(409).end();
        return;
      }
      issuer.begin(response);
      if (times === 1) issuer.tell(response, 5, aRecord());
      issuer.prove(response, times === 1 ? 5 : 1);
      if (times === 1) response.end();
    };
    await aVerifier().start();
    await expect.poll(() => issuer.asked, OFTEN).toEqual([undefined, '5', undefined]);
    await expect.poll(async () => codeOf(await issuer.aToken()), OFTEN).toBeNull();
    expect(verifier!.status()).toMatchObject({ inSync: true, number: 1, records: 0 });
  });

  it.each<[string, string, object | string]>([
    ['a revocation of a level that is new to us', 'revocation', { level: 'device', id: 'x', exp: inAnHour() }],
    ['a revocation without an end', 'revocation', { level: 'session', id: 'x' }],
    ['a revocation of no UUID', 'revocation', { level: 'session', id: 'x', exp: inAnHour() }],
    ['a revocation that is no JSON', 'revocation', '{'],
    ['a proof without a time', 'proof', {}],
    ['an event without an end', 'revocation', 'x'.repeat(40_000)],
  ])('is not believed further after %s, and read anew', async (_, event, data) => {
    let times = 0;
    issuer.onFollow = (response) => {
      issuer.begin(response);
      issuer.prove(response, 3);
      if (++times === 1) issuer.write(response, { id: 4, event, data });
      // All that was told may be wrong, so this proof may not count.
      if (times === 1) issuer.prove(response, 4);
    };
    await aVerifier().start();
    await expect.poll(() => issuer.asked, OFTEN).toEqual([undefined, undefined]);
    await expect.poll(() => verifier!.status(), OFTEN).toMatchObject({ inSync: true, number: 3 });
    expect(faults()).toHaveLength(1);
  });

  it('does not begin without its opening, by which alone a proof has an age', async () => {
    issuer.onFollow = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      issuer.prove(response, 3);
    };
    void aVerifier().start();
    await expect.poll(() => faults().length, OFTEN).toBeGreaterThan(1);
    expect(verifier!.status().inSync).toBe(false);
  });

  it('that is silent is given up, and proofs that were kept back on the way do not count', async () => {
    issuer.onFollow = (response) => {
      issuer.begin(response);
      // From a second ago, as if a proxy had kept it: it arrives now.
      issuer.prove(response, 3, issuer.clockMs - 1_000);
    };
    void aVerifier({ maxStalenessMs: 900 }).start();
    await expect.poll(() => issuer.asked.length, OFTEN).toBeGreaterThan(1);
    expect(events.map(({ type }) => type)).not.toContain('in-sync');
    expect(verifier!.status().ageMs).toBeGreaterThan(900);
    expect(faults()[0]).toMatch(/nothing was heard/);
  });

  it('that is refused is asked for again when the issuer said, and no sooner', async () => {
    const asked: number[] = [];
    issuer.onFollow = (response) => {
      asked.push(performance.now());
      if (asked.length === 1) {
        response.writeHead(503, { 'retry-after': '1' }).end();
        return;
      }
      issuer.begin(response);
      issuer.prove(response, 1);
    };
    await aVerifier().start();
    expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(1_000);
  });

  it('tells of its beginning and its end', async () => {
    issuer.onFollow = (response) => {
      issuer.begin(response);
      issuer.prove(response, 1);
    };
    await aVerifier({ maxStalenessMs: 300 }).start();
    await expect.poll(() => events.map(({ type }) => type), OFTEN).toContain('out-of-sync');
    expect(events.find(({ type }) => type === 'in-sync')).toEqual({ type: 'in-sync', number: 1, records: 0 });
    expect(await codeOf(await issuer.aToken())).toBe('ERR_OUT_OF_SYNC');
  });
});

it('leaves nothing behind when it is closed, whether it ever began', async () => {
  issuer.onFollow = (response) => response.writeHead(500).end();
  const starting = aVerifier().start();
  await verifier!.close();
  await starting;
  expect(verifier!.status().inSync).toBe(false);
  await createVerifier({ issuer: issuer.url, audience: 'orders', client: { id: 'a', secret: 'b' } }).close();
});
