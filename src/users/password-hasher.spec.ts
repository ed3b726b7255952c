import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Environment } from '../config/environment.js';
import { PasswordHasher } from './password-hasher.js';

// Real: argon2. Of the configuration, the peppers alone.
const hasherWith = (peppers: Pick<Environment, 'passwordPepper' | 'passwordPepperPrevious'>) =>
  new PasswordHasher(peppers as Environment);
const hasher = hasherWith({});
const aSecret = () => randomBytes(32).toString('base64');
const WEAKER = '$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$GzqnD1PLXiWLFw2Pv8GZqGBSDtRyhq7IK9W5ZcaN4Ts';

describe('a hash', () => {
  it('verifies the password it was made of and no other', async () => {
    const hash = await hasher.hash('pässwörd ');
    expect(await hasher.verify(hash, 'pässwörd ')).toBe(true);
    expect(await hasher.verify(hash, 'pässwörd')).toBe(false);
  });

  it('is argon2id with the parameters of OWASP, and a weaker one is outdated', async () => {
    const hash = await hasher.hash('password');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hasher.isOutdated(hash)).toBe(false);
    expect(hasher.isOutdated(WEAKER)).toBe(true);
  });

  it('of a decoy is never right', async () => {
    expect(await hasher.verifyDecoy('password')).toBe(false);
  });
});

describe('the queue', () => {
  it('turns away what would wait too long, and works off the rest', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 600 }, async () => hasher.verify('not a hash', 'password')),
    );
    const refused = results.filter((result) => result.status === 'rejected' && result.reason.code === 'too_busy');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(100);
  });
});

describe('a pepper', () => {
  const passwordPepper = aSecret();
  const peppered = hasherWith({ passwordPepper });

  it('is needed to verify what was hashed under it, and is not in the hash', async () => {
    const hash = await peppered.hash('some password');
    expect(await hasher.verify(hash, 'some password')).toBe(false);
    expect(await hasherWith({ passwordPepper: aSecret() }).verify(hash, 'some password')).toBe(false);
    expect(await peppered.verify(hash, 'some passwort')).toBe(false);
    expect(await peppered.verify(hash, 'some password')).toBe(true);
    expect(hash).not.toContain(passwordPepper.slice(0, 8));
  });

  it('can be introduced, changed and given up: older hashes are right, and outdated', async () => {
    const next = aSecret();
    const stages = [
      { before: hasher, after: peppered },
      { before: peppered, after: hasherWith({ passwordPepper: next, passwordPepperPrevious: passwordPepper }) },
      { before: peppered, after: hasherWith({ passwordPepperPrevious: passwordPepper }) },
    ];
    for (const { before, after } of stages) {
      const hash = await before.hash('some password');
      expect(before.isOutdated(hash)).toBe(false);
      expect(await after.verify(hash, 'some password')).toBe(true);
      expect(after.isOutdated(hash)).toBe(true);
      expect(after.isOutdated(await after.hash('some password'))).toBe(false);
    }
  });
});
