import { type VerifierOptions } from '@recant/token-verifier';

/** What the process is told: where Recant is, by which name this service is known there, and its own secret. */
export function verifierOptions(): VerifierOptions {
  return {
    issuer: needed('ISSUER'),
    audience: process.env['AUDIENCE'] ?? 'recant',
    client: { id: needed('CLIENT_ID'), secret: needed('CLIENT_SECRET') },
    onEvent: (event) => console.log(event),
  };
}

export const port = Number(process.env['PORT'] ?? 4000);

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see README.md`);
  return value;
}
