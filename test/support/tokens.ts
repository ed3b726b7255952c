import { type ApiClient } from './api-client.js';

type Json = Record<string, unknown>;

export interface Pair {
  access: string;
  refresh: string;
}

export function segmentsOf(token: string): [header: string, claims: string, signature: string] {
  return token.split('.') as [string, string, string];
}

export function headerOf(token: string): Json {
  return JSON.parse(Buffer.from(segmentsOf(token)[0], 'base64url').toString()) as Json;
}

export function segment(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A token of the test's own making: `sign` gets what RFC 7515 says is signed. */
export function forge(header: Json, claims: unknown, sign: (input: string) => Buffer): string {
  const input = `${segment(header)}.${segment(claims)}`;
  return `${input}.${sign(input).toString('base64url')}`;
}

/** The same header and claims with something else in them, under the old signature. */
export function tampered(token: string, changes: { header?: Json; claims?: Json }): string {
  const [header, claims, signature] = segmentsOf(token);
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;
  return [
    changes.header ? segment({ ...decode(header), ...changes.header }) : header,
    changes.claims ? segment({ ...decode(claims), ...changes.claims }) : claims,
    signature,
  ].join('.');
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** ECDSA accepts (r, s) and (r, n - s) alike. */
export function withOtherS(token: string): string {
  const [header, claims, signature] = segmentsOf(token);
  const bytes = Buffer.from(signature, 'base64url');
  const s = P256_ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex');
  return [header, claims, bytes.toString('base64url')].join('.');
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The last character of a signature carries spare bits; setting one decodes to the same bytes. */
export function withSpareBit(token: string): string {
  return token.slice(0, -1) + BASE64URL[BASE64URL.indexOf(token.at(-1)!) | 1]!;
}

/** Other texts a lenient verifier would read as the same token. */
export const spellings: [spelling: string, respell: (token: string) => string][] = [
  ['a spare bit in its last character', withSpareBit],
  ['padding after its signature', (token) => `${token}==`],
  ['padding after its claims', (token) => token.replace(/\.(?=[^.]*$)/, '=.')],
  ['the alphabet of plain base64', (token) => token.replaceAll('-', '+').replaceAll('_', '/')],
  ['its signature twice', (token) => `${token}.${segmentsOf(token)[2]}`],
  ['a dot at its end', (token) => `${token}.`],
];

/** A token and another spelling of it. Not every token has one: of the letters that an alphabet changes, it may have none. */
export async function respelt(
  make: () => Promise<string>,
  respell: (token: string) => string,
): Promise<[token: string, other: string]> {
  const token = await make();
  const other = respell(token);
  return other === token ? respelt(make, respell) : [token, other];
}

/** Which of the tokens anything still accepts; spends the refresh tokens among them. */
export async function aliveOf(api: ApiClient, pairs: Pair[]): Promise<string[]> {
  const checks = pairs.flatMap(({ access, refresh }) => [
    api.get('/secret', { token: access }).then(({ status }) => ({ status, alive: 'access' })),
    api.post('/token/refresh', { token: refresh }).then(({ status }) => ({ status, alive: 'refresh' })),
  ]);
  const answers = await Promise.all(checks);
  return answers.filter(({ status }) => status !== 401).map(({ status, alive }) => `${alive} token → ${status}`);
}

/** The pair in an answer; none when it was a refusal. */
export function pairsIn(...answers: { body: { access_token?: string; refresh_token?: string } }[]): Pair[] {
  return answers.flatMap(({ body }) =>
    body.access_token && body.refresh_token ? [{ access: body.access_token, refresh: body.refresh_token }] : [],
  );
}
