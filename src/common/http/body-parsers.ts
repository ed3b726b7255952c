import { type FastifyInstance, type FastifyRequest } from 'fastify';
import secureJson from 'secure-json-parse';
import { AuthError } from '../errors/auth-error.js';
import { MAX_JSON_DEPTH, membersIn, shapeOf } from './json-shape.js';
import { ignoresBody } from './ignores-body.decorator.js';
import { bodyTypesOf, FORM_TYPE, JSON_TYPE } from './takes-forms.decorator.js';

/** The largest body that any route takes, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** What the body of a route is called that reads none, for Fastify's sake: it would refuse types without a parser. */
const UNREAD_TYPE = 'application/x-unread';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Takes JSON and forms, each only where the route asks for it, and refuses what could surprise the code behind. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (ignoresBody(request)) request.headers['content-type'] = UNREAD_TYPE;
    done(refusalOfBody(request), payload);
  });
  // The body is left where it is; Node reads past it when the answer has gone.
  fastify.addContentTypeParser(UNREAD_TYPE, (_request, _payload, done) => done(null, undefined));
  fastify.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (_request, body, done) => {
    settle(() => parseJson(textOf(body as Buffer)), done);
  });
  fastify.addContentTypeParser(FORM_TYPE, { parseAs: 'buffer' }, (_request, body, done) => {
    settle(() => parseForm(textOf(body as Buffer)), done);
  });
}

function refusalOfBody(request: FastifyRequest): AuthError | null {
  // Where there is nothing, no body is wanted either; its type would hide that.
  if (request.is404) return new AuthError('not_found');
  if (ignoresBody(request) || !hasBody(request)) return null;
  const contentType = request.headers['content-type'];
  const contentEncoding = request.headers['content-encoding'];
  // Nothing here unpacks bodies: read as if it were plain, a packed one would be taken for something else.
  if (contentEncoding && contentEncoding.toLowerCase() !== 'identity') {
    return new AuthError('unsupported_media_type', { reason: 'content encoding' });
  }
  if (contentType === undefined) return null;
  const essence = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (!bodyTypesOf(request.routeOptions.config).includes(essence)) {
    return new AuthError('unsupported_media_type', { reason: 'content type' });
  }
  return hasOtherCharset(contentType) ? new AuthError('unsupported_media_type', { reason: 'charset' }) : null;
}

/** Whether a content type names a charset that we would not read: everything is taken as UTF-8. */
function hasOtherCharset(contentType: string): boolean {
  const charsets = contentType.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi);
  return [...charsets].some(([, name]) => !/^utf-?8$/i.test(name!));
}

/** RFC 9112 §6.3: a request has a body if and only if one of the two fields says so. GET's, which means nothing, is not read. */
function hasBody({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Refuses bytes that are not UTF-8: replaced by U+FFFD, two different passwords would become one. */
function textOf(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new AuthError('malformed_body', { reason: 'not UTF-8', cause });
  }
}

function parseJson(body: string): unknown {
  // The tutorial's clients log out with a JSON content type and no body.
  if (body.length === 0) return undefined;
  const { depth, members } = shapeOf(body);
  if (depth > MAX_JSON_DEPTH) throw new AuthError('malformed_body', { reason: 'too deep' });
  let value: unknown;
  try {
    value = secureJson.parse(body, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw new AuthError('malformed_body', { reason: 'not JSON', cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AuthError('malformed_body', { reason: 'not an object' });
  }
  if (membersIn(value) < members) throw new AuthError('malformed_body', { reason: 'a member came twice' });
  return value;
}

/** application/x-www-form-urlencoded; a name that comes twice has no one meaning, so it is refused. */
function parseForm(body: string): Record<string, string> {
  const fields = new Map<string, string>();
  for (const pair of body.split('&').filter((text) => text !== '')) {
    const [name, value] = [nameOf(pair), pair.slice(nameOf(pair).length + 1)].map(decodeFormText) as [string, string];
    if (fields.has(name)) throw new AuthError('malformed_body', { reason: 'a field came twice' });
    fields.set(name, value);
  }
  if (fields.has('__proto__')) throw new AuthError('malformed_body', { reason: '__proto__' });
  return Object.fromEntries(fields);
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0]!;
}

/** As URLSearchParams does it, but bytes that are not UTF-8 are refused rather than replaced; see `textOf`. */
function decodeFormText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new AuthError('malformed_body', { reason: 'not percent-encoded UTF-8', cause });
  }
}

function settle(parse: () => unknown, done: (error: Error | null, body?: unknown) => void): void {
  try {
    done(null, parse());
  } catch (error) {
    done(error as Error);
  }
}
