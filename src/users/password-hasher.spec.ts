import { describe, expect, it } from 'vitest';
import { PasswordHasher } from './password-hasher.js';

// Real: argon2.
const hasher = new PasswordHasher();
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
