import { text } from 'node:stream/consumers';
import { read } from 'read';
import { UsageError } from './end-with.js';

/** Asks for a password twice without showing it, or takes the one line that is piped in. */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '');
  const password = await read({ prompt: 'Password: ', silent: true });
  const again = await read({ prompt: 'Once more: ', silent: true });
  if (password !== again) throw new UsageError('The two passwords differ; nothing was created.');
  return password;
}
