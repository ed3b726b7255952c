import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service.js';

// Real: the document as the service serves it. That answers are as it says, every other test checks on its way.
let service: TestService;
let document: OpenAPIObject;

interface Operation {
  operationId: string;
  security: object[];
  parameters?: { name: string; schema: { type?: string } }[];
  requestBody?: { content: Record<string, unknown> };
}

beforeAll(async () => {
  service = await startService();
  const response = await fetch(`${service.api.url}/openapi.json`);
  document = (await response.json()) as OpenAPIObject;
});
afterAll(() => service.stop());

function operations(): { method: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ method, path, operation })),
  );
}

describe('/openapi.json', () => {
  it('passes the linter without errors', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'recant-openapi-'));
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const lint = promisify(execFile)(process.execPath, ['node_modules/@redocly/cli/bin/cli.js', 'lint', file], {
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    });
    await expect(lint).resolves.toMatchObject({ stderr: expect.stringContaining('Your API description is valid') });
    await rm(folder, { recursive: true });
  });

  it('says of every operation whether it needs a token, and it is so', async () => {
    for (const { method, path, operation } of operations()) {
      const address = path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');
      const { status, body } = await service.api.send(method.toUpperCase(), address);
      // The OAuth endpoints have words of their own (RFC 6749 §5.2); others take a client's secret or its token.
      const isClosed = status === 401 && ['missing_token', 'invalid_client'].includes(body.code ?? body.error);
      expect({ path, method, isClosed }).toEqual({ path, method, isClosed: operation.security.length > 0 });
    }
  });

  it('names every operation once', () => {
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('says the type of every parameter, and of a body no member of which is an object', () => {
    const untyped = operations().flatMap(({ operation: { operationId, parameters = [] } }) =>
      parameters.filter(({ schema }) => schema.type === undefined).map(({ name }) => `${operationId}: ${name}`),
    );
    expect(untyped).toEqual([]);
    const schemas = Object.entries(document.components!.schemas as Record<string, { properties?: object }>);
    // Nest says `object` of what it knows no type of: a union, or a default alone.
    const vague = schemas.flatMap(([schema, { properties = {} }]) =>
      // One that may have any members says so.
      Object.entries(properties as Record<string, { type?: string; additionalProperties?: boolean }>)
        .filter(([, { type, additionalProperties }]) => type === 'object' && additionalProperties === undefined)
        .map(([name]) => `${schema}.${name}`),
    );
    expect(vague).toEqual([]);
  });

  it('serves Swagger UI over it', async () => {
    const response = await fetch(`${service.api.url}/docs`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>Recant</title>');
  });
});
