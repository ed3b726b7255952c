import { describe, expect, it } from 'vitest';
import { type Environment } from '../config/environment.js';
import { CommonPasswords } from './common-passwords.js';
import { PasswordPolicy } from './password-policy.js';

// Real: the lists of common passwords.
const policy = new PasswordPolicy({ passwordMinLength: 8 } as Environment, new CommonPasswords());

/** What is wrong with it, or null. */
async function faultOf(password: string, username = 'alice'): Promise<string | null> {
  return policy.check({ password, username, field: 'password' }).then(
    () => null,
    (error: { errors: { message: string }[] }) => error.errors[0]!.message,
  );
}

describe('a new password', () => {
  it.each([
    ['seven characters', 'x9Kq2#v'],
    ['seven emoji, of two UTF-16 units each', '🐎'.repeat(7)],
    ['257 characters', 'ab'.repeat(128) + 'c'],
    ['a NUL', 'x9Kq2#v\0w8'],
    ['half a surrogate pair', 'x9Kq2#vw8\ud83d'],
  ])('is refused with %s', async (_, password) => {
    expect(await faultOf(password)).toBe('password must have 8 to 256 characters, none of them NUL');
  });

  it.each([
    'password',
    '12345678',
    'PassWord',
    'p4ssw0rd',
    'drowssap',
    'qwertyuiop',
    'aaaaaaaaaa',
    'liverpool',
    'abcdefghijkl',
  ])('is refused when it is among the common ones or like one: %s', async (password) => {
    expect(await faultOf(password)).toMatch(/common passwords/);
  });

  it.each([
    ['xxBobbyTables99', 'bobbytables'],
    ['my-ALICE-is-here', 'Alice'],
  ])('is refused when it contains the username: %s of %s', async (password, username) => {
    expect(await faultOf(password, username)).toBe('password must not contain the username');
  });

  it('is refused when it contains the name of the service', async () => {
    expect(await faultOf('let me into Recant')).toBe('password must not contain the name of the service');
  });

  it.each([
    ['of lowercase letters alone', 'correct horse battery staple'],
    ['of eight emoji', '🐎🔋🧷🦊🌲🪐🎻🥨'],
    ['of 256 characters', '🐎'.repeat(256)],
    ['with spaces around it', '  k7 vq zw  '],
    ['that contains a name of three characters', 'horse bob battery'],
    ['that is too long to be among the common ones, which is not looked into', 'a'.repeat(33)],
  ])('is taken %s', async (_, password) => {
    expect(await faultOf(password, 'bob')).toBeNull();
  });
});
