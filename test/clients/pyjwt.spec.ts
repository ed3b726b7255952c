import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Account, Given } from '../support/given.js';
import { startServiceAtIssuer, type TestService } from '../support/service.js';
import { tampered } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, and PyJWT with its PyJWKClient, from Debian's python3-jwt, in a process of Python.
let service: TestService;
afterEach(() => service.stop());

const run = promisify(execFile);

async function start(variables: Record<string, string>): Promise<Account> {
  service = await startServiceAtIssuer(variables);
  return new Given(service).aUser();
}

/** What a Python service that is called `audience` makes of a token. */
async function verify(token: string, algorithm: string, audience = 'recant'): Promise<Record<string, unknown>> {
  const { url } = service.api;
  const { stdout } = await run('/usr/bin/python3', [
    'test/clients/verify.py',
    `${url}/.well-known/jwks.json`,
    url,
    audience,
    algorithm,
    token,
  ]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('PyJWT', () => {
  it.each(['ES256', 'RS256'])('verifies an access token of %s, and refuses what is none', async (algorithm) => {
    const { id, access, refresh } = await start({ JWT_ALGORITHM: algorithm });
    expect(await verify(access, algorithm)).toMatchObject({ sub: id, aud: 'recant', client_id: 'recant' });
    expect(await verify(access, algorithm, 'orders')).toEqual({ refused: 'InvalidAudienceError' });
    const forged = tampered(access, { claims: { roles: ['admin'] } });
    expect(await verify(forged, algorithm)).toEqual({ refused: 'InvalidSignatureError' });
    // The key of a refresh token is not published.
    expect(await verify(refresh, 'HS256')).toEqual({ refused: 'PyJWKClientError' });
  });
});
