import { Controller, type ExecutionContext, Get, type INestApplication, Module, UseGuards } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type AccessTokenClaims } from '../claims.js';
import { VerifierError } from '../verifier-error.js';
import { type Verifier } from '../verifier.js';
import {
  Claims,
  Public,
  RequiresRecentLogin,
  RequiresRole,
  RequiresToken,
  TOKEN_VERIFIER,
  TokenGuard,
  TokenVerifierModule,
} from './index.js';

// Real: Nest on Fastify and on Express, HTTP, module, guard and decorators. Not real: the verifier, to which every token counts.
const LOGIN_LONG_AGO = { sub: 'alice', roles: [], auth_time: 1 };

@Controller('public')
@Public()
@UseGuards(TokenGuard)
class PublicRoutes {
  @Get()
  open(): string {
    return 'open';
  }

  @Get('but')
  @RequiresRole('admin')
  closedAgain(): string {
    return 'closed';
  }

  @Get('who')
  who(@Claims('sub') sub: string): string {
    return sub;
  }
}

@Controller('staff')
@RequiresRole('admin')
@UseGuards(TokenGuard)
class StaffRoutes {
  @Get('recent')
  @RequiresRecentLogin(60)
  recent(): string {
    return 'recent';
  }

  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }
}

@Controller('turned')
@RequiresRecentLogin(60)
@UseGuards(TokenGuard)
class TurnedRoutes {
  @Get()
  @RequiresRole('admin')
  both(): string {
    return 'both';
  }
}

/** Nobody has said that the guard is to be used. */
@Controller('unguarded')
class UnguardedRoutes {
  @Get()
  open(): string {
    return 'open';
  }

  @Get('token')
  @RequiresToken()
  token(): string {
    return 'token';
  }

  @Get('roles')
  @RequiresRole('admin')
  @RequiresRole('auditor')
  roles(): string {
    return 'roles';
  }
}

@Controller('unguarded-staff')
@RequiresRole('admin')
class UnguardedStaffRoutes {
  @Get()
  all(): string {
    return 'all';
  }
}

/** Knows nothing of the verifier, like most modules of an application. */
@Module({ controllers: [UnguardedRoutes, UnguardedStaffRoutes] })
class UnguardedModule {}

const adapters = [
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
] as const;

describe.each(adapters)('on %s', (_, adapter) => {
  let app: INestApplication | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  async function start(verifier: Partial<Verifier> = {}): Promise<INestApplication> {
    const options = { issuer: 'http://recant.test', audience: 'orders', client: { id: 'a', secret: 'b' } };
    const module = await Test.createTestingModule({
      imports: [TokenVerifierModule.forRoot(options), UnguardedModule],
      controllers: [PublicRoutes, StaffRoutes, TurnedRoutes],
    })
      .overrideProvider(TOKEN_VERIFIER)
      .useValue({ start: async () => {}, verify: async () => LOGIN_LONG_AGO, close: async () => {}, ...verifier })
      .compile();
    app = module.createNestApplication(adapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    return app;
  }

  async function statusOf(path: string, headers: Record<string, string> = {}): Promise<number> {
    const response = await fetch(`${await app!.getUrl()}${path}`, { headers });
    await response.body?.cancel();
    return response.status;
  }

  const withToken = { authorization: 'Bearer token' };

  describe('a refusal', () => {
    it('says in its fields and in its body what is missing, and in words', async () => {
      await start();
      const without = await fetch(`${await app!.getUrl()}/staff/recent`);
      expect([without.status, without.headers.get('www-authenticate'), await without.json()]).toEqual([
        401,
        'Bearer',
        { statusCode: 401, error: 'missing_token', message: 'The request needs an access token.' },
      ]);
      const wrong = await fetch(`${await app!.getUrl()}/staff/recent`, { headers: withToken });
      expect([wrong.status, wrong.headers.get('www-authenticate'), await wrong.json()]).toEqual([
        403,
        'Bearer error="insufficient_scope"',
        { statusCode: 403, error: 'insufficient_scope', message: 'The access token does not allow this.' },
      ]);
    });

    it('for want of knowledge says when to come again', async () => {
      await start({ verify: () => Promise.reject(new VerifierError('ERR_OUT_OF_SYNC')) });
      const answer = await fetch(`${await app!.getUrl()}/staff/recent`, { headers: withToken });
      expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
        503,
        '2',
        {
          statusCode: 503,
          error: 'temporarily_unavailable',
          message: 'Whether the access token counts is not known at the moment.',
        },
      ]);
    });
  });

  describe('a route that asks for something', () => {
    it('is closed, although its controller is public', async () => {
      await start();
      expect(await statusOf('/public')).toBe(200);
      expect(await statusOf('/public/but')).toBe(401);
      expect(await statusOf('/public/but', withToken)).toBe(403);
    });

    it.each(['/staff/recent', '/turned'])('answers 403 to whom another login would not help: %s', async (path) => {
      await start();
      expect(await statusOf(path, withToken)).toBe(403);
    });
  });

  describe('without a guard beside it', () => {
    it.each(['/unguarded/token', '/unguarded/roles', '/unguarded-staff'])(
      'what asks for something is closed all the same: %s',
      async (path) => {
        await start();
        expect(await statusOf(path)).toBe(401);
        expect(await statusOf('/unguarded')).toBe(200);
      },
    );

    it('a token is judged once, however much a route asks for', async () => {
      let asked = 0;
      const claims = { ...LOGIN_LONG_AGO, roles: ['admin', 'auditor'] } as unknown as AccessTokenClaims;
      await start({ verify: async () => (asked++, claims) });
      expect(await statusOf('/unguarded/roles', withToken)).toBe(200);
      expect(asked).toBe(1);
    });
  });

  it('In a context that is not HTTP the guard lets nobody through', async () => {
    const guard = (await start()).get(TokenGuard);
    const context = { getType: () => 'rpc', getClass: () => UnguardedRoutes, getHandler: () => UnguardedRoutes };
    await expect(guard.canActivate(context as unknown as ExecutionContext)).rejects.toThrow('cannot guard rpc');
  });

  describe('a public route', () => {
    it('is open, although its controller asks for something', async () => {
      await start();
      expect(await statusOf('/staff/open')).toBe(200);
    });

    it('has no claims to give, and no empty ones either', async () => {
      await start();
      expect(await statusOf('/public/who', withToken)).toBe(500);
    });
  });

  describe('the verifier of the module', () => {
    it('is not waited for', async () => {
      await start({ start: () => new Promise(() => {}) });
      expect(await statusOf('/staff/open')).toBe(200);
    });

    it('is closed after the server, which answers requests that are under way', async () => {
      const wasListening: boolean[] = [];
      const close = async (): Promise<void> => {
        wasListening.push(server.listening);
      };
      const server = (await start({ close })).getHttpServer() as Server;
      await app!.close();
      expect(wasListening).toEqual([false]);
    });
  });
});
