import { describe, expect, it } from 'vitest';
import { isReservedUsername } from './username.js';

describe('a username', () => {
  it.each(['admin', 'Root', 'SUPPORT', 'post.master', 'no-reply', 'recant', 'a.d.m.i.n', 'sys_admin', '+admin+'])(
    'is reserved: %s',
    (name) => {
      expect(isReservedUsername(name)).toBe(true);
    },
  );

  it.each(['alice', 'administrate', 'rooter', 'test', 'admin@example.com', 'adm1n', 'user'])('is free: %s', (name) => {
    expect(isReservedUsername(name)).toBe(false);
  });
});
