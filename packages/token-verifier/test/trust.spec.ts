import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createVerifier, type Verifier, type VerifierEvent, type VerifierOptions } from '../src/index.js';
import { later } from './later.js';
import { inAnHour, ScriptedIssuer } from './scripted-issuer.js';

// Real: HTTP. What must not make a verifier trust its memory, or wait for ever. Clocks are set where the titles say so.
let issuer: ScriptedIssuer;
let verifier: Verifier;
let events: VerifierEvent[];

const OFTEN = { interval: 2, timeout: 8_000 };

beforeEach(async () => {
  issuer = await ScriptedIssuer.start();
  events = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await verifier.close();
  await issuer.stop();
});

function aVerifier(options: Partial<VerifierOptions> = {}): Verifier {
  const client = { id: 'me', secret: 'secret' };
  const onEvent = (event: VerifierEvent): void => void events.push(event);
  const usual = { issuer: issuer.url, audience: 'orders', client, whenOutOfSync: 'reject', onEvent } as const;
  return (verifier = createVerifier({ ...usual, maxStalenessMs: 5_000, ...options }));
}

/** A verifier in sync, and its stream. Later streams begin, and prove what the first one did when they are asked to. */
async function inSync(options: Partial<VerifierOptions> = {}): Promise<ServerResponse> {
  const first = new Promise<ServerResponse>((resolve) => {
    issuer.onFollow = (response) => {
      issuer.begin(response);
      issuer.prove(response, 3);
      resolve(response);
    };
  });
  await aVerifier(options).start();
  return first;
}

const codeOf = (token: string): Promise<string | null> =>
  verifier.verify(token).then(
    () => null,
    (error: { code: string }) => error.code,
  );

const faults = (): string[] => events.flatMap((event) => (event.type === 'error' ? [event.error.message] : []));
const keyRecord = (): object => ({ level: 'key', id: 'another', exp: inAnHour() });

describe('a live stream is read anew from the first on after', () => {
  it.each<[string, (stream: ServerResponse) => void]>([
    ['a number left out', (stream) => issuer.tell(stream, 5, keyRecord())],
    ['a number told before', (stream) => issuer.tell(stream, 3, keyRecord())],
    ['a proof of more than was told', (stream) => issuer.prove(stream, 4)],
    ['a proof of less than was told', (stream) => issuer.prove(stream, 2)],
    ['a second opening', (stream) => issuer.write(stream, { event: 'open', data: { time_ms: 1, heartbeat_ms: 500 } })],
  ])('%s: a revocation may have been lost', async (_, say) => {
    const stream = await inSync();
    const ended = once(stream, 'close');
    issuer.onFollow = (response) => issuer.begin(response);
    say(stream);
    await ended;
    await expect.poll(() => issuer.asked, OFTEN).toEqual([undefined, undefined]);
    expect(verifier.status()).toMatchObject({ inSync: false, ageMs: Infinity });
  });
});

describe('the age of what is known', () => {
  it('is not below nothing when a clock ran ahead: or nobody would notice for so long that the issuer is gone', async () => {
    const stream = await inSync();
    issuer.onFollow = (response) => response.writeHead(503).end();
    issuer.prove(stream, 3, issuer.clockMs + 3_600_000);
    await expect.poll(faults, OFTEN).toContain('a clock stood still');
    expect(verifier.status().ageMs).toBeGreaterThan(0);
    later(5_000);
    expect(verifier.status().inSync).toBe(false);
  });

  it('is unknown after a sleep of the machine, in which the monotonic clock stood still', async () => {
    const token = await issuer.aToken({ exp: inAnHour() + 3_600 });
    const stream = await inSync();
    expect(await codeOf(token)).toBeNull();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    expect(await codeOf(token)).toBe('ERR_OUT_OF_SYNC');
    // What had arrived before the sleep proves nothing.
    issuer.prove(stream, 3);
    await expect.poll(() => issuer.asked, OFTEN).toEqual([undefined, '3']);
    await expect.poll(() => codeOf(token), OFTEN).toBeNull();
  });

  it('is counted anew after a quarter of an hour, before two clocks have drifted apart, and nobody notices', async () => {
    const stream = await inSync();
    later(901_000);
    issuer.prove(stream, 3);
    await expect.poll(() => issuer.asked, OFTEN).toEqual([undefined, '3']);
    await expect.poll(() => verifier.status().inSync, OFTEN).toBe(true);
    expect(faults()).toEqual([]);
  });

  it('does not stay too high because a stream was once opened slowly: another one is tried', async () => {
    let first: ServerResponse | undefined;
    issuer.onFollow = (response) => {
      if (first) {
        issuer.begin(response);
        issuer.prove(response, 3);
        return;
      }
      first = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // The request arrived, by the issuer's clock, three seconds after it was sent.
      issuer.write(response, { event: 'open', data: { time_ms: issuer.clockMs + 3_000, heartbeat_ms: 500 } });
      issuer.prove(response, 3);
    };
    const started = aVerifier({ maxStalenessMs: 2_000 }).start();
    await expect.poll(() => verifier.status().ageMs, OFTEN).toBeLessThan(Infinity);
    expect(verifier.status().inSync).toBe(false);
    const proofs = setInterval(() => issuer.prove(first!, 3), 100);
    first!.once('close', () => clearInterval(proofs));
    later(10_000);
    await started;
    expect(issuer.asked).toEqual([undefined, '3']);
  });
});

describe('nobody waits for ever', () => {
  it('for keys whose text does not end, also when the request has been garbage-collected', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    issuer.onKeys = (response) => response.writeHead(200).write('{"keys":[');
    aVerifier();
    const answer = codeOf(await issuer.aToken());
    const collecting = setInterval(collect, 50);
    expect(await answer).toBe('ERR_ISSUER_UNAVAILABLE');
    clearInterval(collecting);
  });

  it('for keys that an issuer does not give again, with a token of a key that is known', async () => {
    aVerifier({ whenOutOfSync: 'allow' });
    const token = await issuer.aToken();
    expect(await codeOf(token)).toBeNull();
    issuer.onKeys = (response) => response.writeHead(503).end();
    later(300_000);
    expect(await codeOf(token)).toBeNull();
    // From here on it does not answer at all.
    issuer.onKeys = () => undefined;
    later(5_000);
    const askedAtMs = performance.now();
    expect(await codeOf(token)).toBeNull();
    expect(performance.now() - askedAtMs).toBeLessThan(1_500);
  });

  it('for others that are asked about, of whom there are so many at once at most', async () => {
    let [now, most] = [0, 0];
    issuer.onIntrospect = (response) => {
      most = Math.max(most, ++now);
      response.once('close', () => now--);
    };
    aVerifier({ whenOutOfSync: 'introspect' });
    const tokens = await Promise.all(Array.from({ length: 100 }, (_, seq) => issuer.aToken({ seq: seq + 1 })));
    const codes = await Promise.all(tokens.map(codeOf));
    expect(codes).toEqual(tokens.map(() => 'ERR_ISSUER_UNAVAILABLE'));
    expect(most).toBeLessThanOrEqual(32 + 1);
  });

  it('after the end: what is asked at the moment ends with it', async () => {
    const asked = new Promise<void>((resolve) => (issuer.onIntrospect = () => resolve()));
    aVerifier({ whenOutOfSync: 'introspect' });
    const answer = codeOf(await issuer.aToken());
    await asked;
    const closedAtMs = performance.now();
    await verifier.close();
    expect(await answer).toBe('ERR_ISSUER_UNAVAILABLE');
    expect(performance.now() - closedAtMs).toBeLessThan(1_500);
  });
});

it('keys are kept for an hour at most, whatever the issuer says', async () => {
  issuer.keysMaxAgeSeconds = 999_999_999;
  aVerifier({ whenOutOfSync: 'allow' });
  const token = await issuer.aToken({ exp: inAnHour() + 3_600 });
  expect(await codeOf(token)).toBeNull();
  issuer.keys = [];
  later(3_600_000);
  expect(await codeOf(token)).toBe('ERR_KEY_UNKNOWN');
});

it('a listener that throws is no reason to lose revocations', async () => {
  const stream = await inSync({
    onEvent: () => {
      throw new Error('the log is full');
    },
  });
  issuer.tell(stream, 4, keyRecord());
  await expect.poll(() => verifier.status(), OFTEN).toMatchObject({ inSync: true, number: 4, records: 1 });
  expect(issuer.asked).toEqual([undefined]);
});
