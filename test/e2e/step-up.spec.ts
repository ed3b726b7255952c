import { randomUUID } from 'node:crypto';
import { type OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessTokenService } from '../../src/tokens/access/access-token.service.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. A login becomes old by moving the time of its session's row; the token is new. Not real: a
// client's own token is issued by the service's own hand, without the client.
let service: TestService;
let given: Given;
let document: OpenAPIObject;
let recent: Account;
let old: string;

const NOBODY = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  document = (await (await fetch(`${service.api.url}/openapi.json`)).json()) as OpenAPIObject;
  const admin = await given.anAdmin();
  old = await agedToken(admin);
  recent = await given.aLogin(admin.username);
});
afterAll(() => service.stop());

/** A token of this minute, of a login of six minutes ago. */
async function agedToken({ access, refresh: token }: Account): Promise<string> {
  await service.database.run(`UPDATE sessions SET created_at = created_at - interval '6 minutes' WHERE id = $1`, [
    claimsOf(access).sid,
  ]);
  return pairsIn(await service.api.post('/token/refresh', { token }))[0]!.access;
}

interface Operation {
  security?: Record<string, unknown>[];
  responses: Record<string, { content?: Record<string, { examples?: Record<string, unknown> }> }>;
}

/** Every operation of the document that takes an access token, with an id of nobody in its address. */
function bearerOperations(): { route: string; method: string; address: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>)
      .filter(([, { security }]) => security?.some((scheme) => 'access_token' in scheme))
      .map(([verb, operation]) => {
        const method = verb.toUpperCase();
        return { route: `${method} ${path}`, method, address: path.replaceAll(/\{\w+\}/g, NOBODY), operation };
      }),
  );
}

function refuses({ responses }: Operation, status: number, code: string): boolean {
  const contents = Object.values(responses[String(status)]?.content ?? {});
  return contents.some(({ examples }) => examples !== undefined && code in examples);
}

/** What an administrator does only after a recent login: it deletes, forbids, sets roles, or shows a secret. */
const stepUpRoutes: [method: string, path: string][] = [
  ['DELETE', '/users'],
  ['PATCH', '/users/{id}'],
  ['DELETE', '/users/{id}'],
  ['DELETE', '/users/{id}/sessions'],
  ['DELETE', '/users/{id}/sessions/{sid}'],
  ['POST', '/users/{id}/logout'],
  ['PUT', '/users/{id}/password'],
  ['POST', '/clients'],
  ['POST', '/clients/{id}/secret'],
  ['DELETE', '/clients/{id}'],
  ['POST', '/keys/{kid}/forbid'],
  ['POST', '/revocations/records'],
];

describe('an administrator whose login was more than 5 minutes ago', () => {
  it.each(stepUpRoutes)('is asked to log in again: %s %s', async (method, path) => {
    const answer = await service.api.send(method, path.replaceAll(/\{\w+\}/g, NOBODY), { token: old });
    expectProblem(answer, 'insufficient_user_authentication');
    const challenge = answer.headers.get('www-authenticate');
    expect(challenge).toBe('Bearer error="insufficient_user_authentication", max_age=300');
  });

  it.each(stepUpRoutes)('may go on after it: %s %s', async (method, path) => {
    const answer = await service.api.send(method, path.replaceAll(/\{\w+\}/g, NOBODY), { token: recent.access });
    expect([200, 400, 404]).toContain(answer.status);
  });

  it('still reads', async () => {
    for (const path of ['/users', '/revocations/records', `/users/${recent.id}/sessions`]) {
      expect((await service.api.get(path, { token: old })).status).toBe(200);
    }
  });

  it('finds no route that deletes and does not ask', () => {
    const deletions = bearerOperations().filter(
      ({ method, operation }) => method === 'DELETE' && refuses(operation, 403, 'insufficient_scope'),
    );
    const open = deletions.filter(({ operation }) => !refuses(operation, 401, 'insufficient_user_authentication'));
    expect(open.map(({ route }) => route).filter((route) => !route.startsWith('DELETE /sessions/'))).toEqual([]);
  });

  it('finds every route that asks in this list', () => {
    const asking = bearerOperations().filter(({ operation }) =>
      refuses(operation, 401, 'insufficient_user_authentication'),
    );
    const listed = stepUpRoutes.map((route) => route.join(' '));
    expect(asking.map(({ route }) => route).toSorted()).toEqual([...listed, 'DELETE /users/me'].toSorted());
  });
});

describe('a token that a client got for itself', () => {
  /** Routes that read neither a session nor a user. */
  const alsoForClients = new Set(['GET /secret', 'POST /logout/access', 'GET /revocations', 'GET /revocations/stream']);

  it('is refused on every route for people', async () => {
    const clientId = randomUUID();
    const [moment] = await service.database.run<{ issueNumber: string; now: Date }>(
      `SELECT nextval('issue_numbers') AS "issueNumber", clock_timestamp() AS now`,
    );
    const token = service.app.get(AccessTokenService).issueToClient({ clientId, scopes: [], resource: null }, moment!);
    expect((await service.api.get('/secret', { token })).status).toBe(200);
    const routes = bearerOperations().filter(
      ({ route }) => !alsoForClients.has(route) && !route.includes('/forward-auth'),
    );
    const passed = [];
    for (const { route, method, address } of routes) {
      const answer = await service.api.send(method, address, { token });
      const { code } = answer.body as { code: string };
      if (answer.status !== 403 || code !== 'insufficient_scope') passed.push(`${route} → ${answer.status}`);
    }
    expect(routes.length).toBeGreaterThan(15);
    expect(passed).toEqual([]);
  });
});
