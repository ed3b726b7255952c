import { expect } from 'vitest';
import { errorCatalog, type ErrorCode } from '../../src/common/errors/error-catalog.js';
import { type Answer } from './api-client.js';

const WITH_ERRORS = new Set<ErrorCode>(['validation_failed', 'not_ready']);

/** The one shape of a refusal, with the sentence of its code and nothing beside it. */
export function expectProblem(answer: Answer, code: ErrorCode): void {
  const { status, title, detail } = errorCatalog[code];
  const { errors, ...body } = answer.body as { errors?: { field: string; message: string }[] };
  expect(body).toEqual({ type: `urn:recant:error:${code}`, title, status, detail, code, message: detail });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  expect(errors === undefined).toBe(!WITH_ERRORS.has(code));
}

/** The wrong fields, by name, each with a sentence of its own. */
export function expectWrongFields(answer: Answer, fields: string[]): void {
  expectProblem(answer, 'validation_failed');
  const { errors } = answer.body as { errors: { field: string; message: string }[] };
  expect(errors.map(({ field }) => field).toSorted()).toEqual(fields.toSorted());
  for (const { message } of errors) expect(message).toMatch(/\S+ \S+/);
}

/** A Bearer route's refusal of a token, the same for every reason. */
export function expectInvalidToken(answer: Answer): void {
  expectProblem(answer, 'invalid_token');
  expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** What `/health/ready` says when it is not, and of which checks. */
export function expectNotReady(answer: Answer, checks: string[]): void {
  expectProblem(answer, 'not_ready');
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  const { errors } = answer.body as { errors: { field: string }[] };
  expect(errors.map(({ field }) => field)).toEqual(checks);
}

/** When the database does not answer, what depends on it is not known. */
export const WITHOUT_DATABASE = ['database', 'migrations', 'clock'];

/** The fields of an answer without those that are another for each. */
export function fieldsToCompare(headers: Headers): Record<string, string> {
  const { date: _, 'x-request-id': __, ...others } = Object.fromEntries(headers);
  return others;
}

export function expectSecurityHeaders(headers: Headers): void {
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'referrer-policy': 'no-referrer',
    'strict-transport-security': expect.stringMatching(/^max-age=\d+/),
    'x-content-type-options': 'nosniff',
    'x-frame-options': expect.stringMatching(/^(DENY|SAMEORIGIN)$/),
  });
  expect(headers.has('x-powered-by') || headers.has('server')).toBe(false);
}

/** A database's failure: retry later, and nothing of it on the wire. */
export function expectUnavailable(answer: Answer): void {
  expectProblem(answer, 'storage_unavailable');
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
}
