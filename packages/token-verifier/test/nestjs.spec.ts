import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Controller, Get, Inject, Module, type INestApplication } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AccessTokenClaims, type Verifier } from '../src/index.js';
import {
  Claims,
  Public,
  RequiresRecentLogin,
  RequiresRole,
  RequiresScope,
  TOKEN_VERIFIER,
  TokenGuard,
  TokenVerifierModule,
} from '../src/nestjs/index.js';
import { ScriptedIssuer } from './scripted-issuer.js';

// Real: Nest on Fastify, HTTP, the verifier. The issuer says what the test tells it.
@Controller()
class Routes {
  constructor(@Inject(TOKEN_VERIFIER) private readonly verifier: Verifier) {}

  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }

  @Get('guarded')
  guarded(@Claims() claims: AccessTokenClaims, @Claims('sub') sub: string): object {
    return { claims, sub };
  }

  @Get('in-sync')
  @Public()
  inSync(): object {
    return this.verifier.status();
  }

  @Get('recent')
  @RequiresRecentLogin(60)
  recent(): string {
    return 'recent';
  }
}

@Controller('staff')
@RequiresRole('staff')
class StaffRoutes {
  @Get()
  any(): string {
    return 'staff';
  }

  @Get('both')
  @RequiresRole('boss')
  both(): string {
    return 'both';
  }
}

@Controller('machines')
@RequiresScope('orders:write')
class MachineRoutes {
  @Get()
  any(): string {
    return 'machine';
  }
}

let issuer: ScriptedIssuer;
let app: INestApplication;

beforeAll(async () => {
  issuer = await ScriptedIssuer.start();
});
afterAll(() => issuer.stop());

async function start(whenOutOfSync: 'allow' | 'reject'): Promise<void> {
  const client = { id: 'me', secret: 'secret' };
  @Module({
    imports: [
      TokenVerifierModule.forRootAsync({
        useFactory: () => ({ issuer: issuer.url, audience: 'orders', client, whenOutOfSync }),
      }),
    ],
    controllers: [Routes, StaffRoutes, MachineRoutes],
    providers: [{ provide: APP_GUARD, useExisting: TokenGuard }],
  })
  class AppModule {}
  app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
}
afterEach(() => app.close());

async function get(
  path: string,
  authorization?: string,
): Promise<{ status: number; challenge: string | null; body: string; retryAfter: string | null }> {
  const response = await fetch(`${await app.getUrl()}${path}`, { headers: authorization ? { authorization } : {} });
  const { status, headers } = response;
  return {
    status,
    challenge: headers.get('www-authenticate'),
    retryAfter: headers.get('retry-after'),
    body: await response.text(),
  };
}

/** `fetch` would make one field of them. */
async function statusWithFields(authorization: string[]): Promise<number | undefined> {
  const { port } = new URL(await app.getUrl());
  const headers = ['Host', 'orders.test', ...authorization.flatMap((value) => ['Authorization', value])];
  const sent = request({ host: '127.0.0.1', port, path: '/guarded', headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

const bearer = async (claims?: object): Promise<string> => `Bearer ${await issuer.aToken(claims)}`;

describe('the guard', () => {
  beforeEach(() => start('allow'));

  it.each([undefined, 'Basic abc', 'Bearer', 'Bearer '])('refuses a request without a token: %s', async (field) => {
    expect(await get('/guarded', field)).toMatchObject({ status: 401, challenge: 'Bearer' });
  });

  it('refuses every token that does not count with the same answer', async () => {
    const token = await bearer();
    const refused = [
      `${token} more`,
      `${token}x`,
      'Bearer x',
      await bearer({ aud: 'invoices' }),
      await bearer({ exp: 1 }),
    ];
    const answers = await Promise.all(refused.map((field) => get('/guarded', field)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ status: 401, challenge: 'Bearer error="invalid_token"' });
  });

  it('refuses two tokens, each of which counts: Node shows the first alone', async () => {
    const [one, other] = [await bearer(), await bearer()];
    expect(await statusWithFields([one])).toBe(200);
    expect(await statusWithFields([one, other])).toBe(401);
  });

  it('hands the claims to the route, with the scheme in any case', async () => {
    const field = (await bearer()).replace('Bearer', 'bEARER');
    const { status, body } = await get('/guarded', field);
    expect(status).toBe(200);
    const { claims, sub } = JSON.parse(body) as { claims: AccessTokenClaims; sub: string };
    expect(claims).toMatchObject({ iss: issuer.url, aud: 'orders' });
    expect(sub).toBe(claims.sub);
  });

  it('leaves a public route alone, whatever is sent', async () => {
    expect(await get('/open', 'Bearer x')).toMatchObject({ status: 200, body: 'open' });
  });

  it('asks for roles, those of the controller and of the route', async () => {
    const forbidden = { status: 403, challenge: 'Bearer error="insufficient_scope"' };
    expect(await get('/staff', await bearer())).toMatchObject(forbidden);
    expect(await get('/staff', await bearer({ roles: ['staff'] }))).toMatchObject({ status: 200 });
    for (const roles of [['staff'], ['boss']])
      expect(await get('/staff/both', await bearer({ roles }))).toMatchObject(forbidden);
    expect(await get('/staff/both', await bearer({ roles: ['boss', 'staff'] }))).toMatchObject({ status: 200 });
  });

  it('asks for a scope, and names it', async () => {
    const id = '00000000-0000-4000-8000-0000000000aa';
    const ofClient = { sub: id, client_id: id, sid: undefined, auth_time: undefined, roles: undefined };
    const challenge = 'Bearer error="insufficient_scope", scope="orders:write"';
    expect(await get('/machines', await bearer())).toMatchObject({ status: 403, challenge });
    expect(await get('/machines', await bearer({ ...ofClient, scope: 'orders:writer' }))).toMatchObject({
      status: 403,
    });
    expect(await get('/machines', await bearer({ ...ofClient, scope: 'a orders:write' }))).toMatchObject({
      status: 200,
    });
  });

  it('asks for a recent login (RFC 9470)', async () => {
    const now = Math.floor(Date.now() / 1000);
    const challenge = 'Bearer error="insufficient_user_authentication", max_age=60';
    expect(await get('/recent', await bearer({ auth_time: now - 90 }))).toMatchObject({ status: 401, challenge });
    expect(await get('/recent', await bearer())).toMatchObject({ status: 200 });
  });
});

describe('while nothing can be known', () => {
  beforeEach(() => start('reject'));

  it('the application is up, a token is neither taken nor refused, and a forged one is refused', async () => {
    expect(JSON.parse((await get('/in-sync')).body)).toMatchObject({ inSync: false });
    expect(await get('/guarded', await bearer())).toMatchObject({ status: 503, retryAfter: '2', challenge: null });
    expect(await get('/guarded', `${await bearer()}x`)).toMatchObject({ status: 401 });
  });
});
