import { describe, expect, it } from 'vitest';
import { Clock } from '../../common/clock.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { type Environment } from '../../config/environment.js';
import { Metrics } from '../../metrics/metrics.js';
import { type AccessTokenClaims } from '../../tokens/access/access-token.service.js';
import { type Verified } from '../../tokens/claims.js';
import { type KeyRing } from '../../tokens/keys/key-ring.service.js';
import { type SigningKey } from '../../tokens/keys/signing-key.js';
import { VerifiedTokens } from './verified-tokens.js';

// Real: the cache and its metrics. Not real: the time, and the ring, which has what a test puts into it.
const NOW = 1_700_000_000;

class SetClock extends Clock {
  seconds = NOW;

  override nowSeconds(): number {
    return this.seconds;
  }
}

class Ring {
  readonly keys = new Map<string, SigningKey>();
  isUnreadable = false;

  find(kid: string, purpose: string): SigningKey | null {
    if (this.isUnreadable) throw new AuthError('storage_unavailable');
    const key = this.keys.get(kid);
    return key?.purpose === purpose ? key : null;
  }
}

const aKey = (purpose = 'access') => ({ kid: 'k', purpose, algorithm: 'ES256' }) as SigningKey;

function claims(more: object = {}): Verified<AccessTokenClaims> {
  const known = { iss: 'i', aud: ['recant'], sub: 's', client_id: 'recant', jti: 'j', seq: 1, sid: 'd', kid: 'k' };
  return { ...known, iat: NOW, auth_time: NOW, exp: NOW + 900, roles: ['admin'], ...more };
}

function aCache(verifiedTokensMax = 100) {
  const [clock, ring] = [new SetClock(), new Ring()];
  const metrics = new Metrics({ metricsEnabled: false } as Environment);
  ring.keys.set('k', aKey());
  const tokens = new VerifiedTokens(ring as unknown as KeyRing, clock, metrics, { verifiedTokensMax } as Environment);
  tokens.onModuleInit();
  const shown = async (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await metrics.render())![1]);
  return { tokens, clock, ring, shown };
}

describe('a token that was verified', () => {
  it('is found with its claims, by the whole of its text alone', () => {
    const { tokens } = aCache();
    tokens.remember('a.b.c', claims());
    for (const other of ['a.b.d', 'a.b.', 'a.b.cc', 'A.b.c', ' a.b.c', ''])
      expect(tokens.find(other, 'recant')).toBeNull();
    expect(tokens.find('a.b.c', 'recant')).toEqual(claims());
  });

  it('is not found by another that has the same end, however long', () => {
    const { tokens } = aCache();
    const end = 'x'.repeat(500);
    tokens.remember(`a${end}`, claims());
    for (const other of [`b${end}`, `aa${end}`, end]) expect(tokens.find(other, 'recant')).toBeNull();
    expect(tokens.find(`a${end}`, 'recant')).not.toBeNull();
  });

  it('is found until its end plus the leeway, and not from that second on', () => {
    const { tokens, clock } = aCache();
    tokens.remember('t', claims());
    clock.seconds = NOW + 904;
    expect(tokens.find('t', 'recant')).not.toBeNull();
    clock.seconds = NOW + 905;
    expect(tokens.find('t', 'recant')).toBeNull();
  });

  it.each([
    ['its issue', {}, NOW - 6, NOW - 5],
    ['its nbf', { nbf: NOW + 60 }, NOW + 54, NOW + 55],
  ])('is not found when the clock goes back to before %s less the leeway', (_, more, before, from) => {
    const { tokens, clock } = aCache();
    for (const [now, isFound] of [
      [before, false],
      [from, true],
    ] as const) {
      tokens.remember('t', claims(more));
      clock.seconds = now;
      expect(tokens.find('t', 'recant') !== null).toBe(isFound);
    }
  });

  it.each<[string, (ring: Ring) => unknown]>([
    ['is gone', (ring) => ring.keys.delete('k')],
    ['is another one under the same name', (ring) => ring.keys.set('k', aKey())],
    ['is for another purpose now', (ring) => ring.keys.set('k', aKey('refresh'))],
  ])('is not found when its key %s', (_, change) => {
    const { tokens, ring } = aCache();
    tokens.remember('t', claims());
    expect(tokens.find('t', 'recant')).not.toBeNull();
    change(ring);
    expect(tokens.find('t', 'recant')).toBeNull();
  });

  it('is found for its audiences alone, and stays for those', () => {
    const { tokens } = aCache();
    tokens.remember('one', claims({ aud: 'recant' }));
    tokens.remember('two', claims({ aud: ['recant', 'orders'] }));
    for (const audience of ['billing', 'recan', 'recant,orders', '']) {
      expect([tokens.find('one', audience), tokens.find('two', audience)]).toEqual([null, null]);
    }
    expect(tokens.find('one', 'orders')).toBeNull();
    expect(tokens.find('two', 'orders')).not.toBeNull();
    expect(tokens.find('one', 'recant')).not.toBeNull();
  });

  it('is 503 when its key is there and cannot be read', () => {
    const { tokens, ring } = aCache();
    tokens.remember('t', claims());
    ring.isUnreadable = true;
    expect(() => tokens.find('t', 'recant')).toThrow('storage_unavailable');
  });

  it('is not remembered when its key has left the ring meanwhile', () => {
    const { tokens, ring } = aCache();
    ring.keys.clear();
    tokens.remember('t', claims());
    ring.keys.set('k', aKey());
    expect(tokens.find('t', 'recant')).toBeNull();
  });

  it('says the same to every request: nobody can change its claims, at any depth', () => {
    const { tokens } = aCache();
    tokens.remember('t', claims({ more: [{ deep: ['x'] }] }));
    const found = tokens.find('t', 'recant') as unknown as Record<string, unknown[]>;
    expect(() => Object.assign(found, { sub: 'other' })).toThrow(TypeError);
    for (const list of [found['roles'], found['aud'], (found['more']![0] as { deep: unknown[] }).deep]) {
      expect(() => list!.push('admin')).toThrow(TypeError);
    }
  });
});

describe('the memory of verified tokens', () => {
  it('is bounded by their number, and keeps those that were used last', async () => {
    const { tokens, shown } = aCache(3);
    for (const token of ['a', 'b', 'c']) tokens.remember(token, claims());
    tokens.find('a', 'recant');
    tokens.remember('d', claims());
    expect(['a', 'b', 'c', 'd'].filter((token) => tokens.find(token, 'recant'))).toEqual(['a', 'c', 'd']);
    expect(await shown('recant_verified_tokens')).toBe(3);
  });

  it('is bounded by their bytes: of the longest tokens, fewer', async () => {
    const { tokens, shown } = aCache(100);
    for (let i = 0; i < 100; i++) tokens.remember(`${'x'.repeat(8_000)}${i}`, claims());
    expect(await shown('recant_verified_tokens')).toBe(12);
    expect(await shown('recant_verified_tokens_bytes')).toBeLessThanOrEqual(100 * 3 * 1024);
    expect(tokens.find(`${'x'.repeat(8_000)}99`, 'recant')).not.toBeNull();
  });

  it('gives back what an ended token took as soon as somebody asks for it', async () => {
    const { tokens, clock, shown } = aCache();
    tokens.remember('t', claims());
    clock.seconds = NOW + 905;
    tokens.find('t', 'recant');
    expect(await shown('recant_verified_tokens')).toBe(0);
  });

  it('counts what it knew and what it did not', async () => {
    const { tokens, shown } = aCache();
    tokens.find('t', 'recant');
    tokens.remember('t', claims());
    tokens.find('t', 'recant');
    tokens.find('t', 'recant');
    expect(await shown('recant_verified_token_misses_total')).toBe(1);
    expect(await shown('recant_verified_token_hits_total')).toBe(2);
  });

  it('can be turned off', () => {
    const { tokens } = aCache(0);
    tokens.remember('t', claims());
    expect(tokens.find('t', 'recant')).toBeNull();
  });
});
