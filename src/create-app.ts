import { type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { AppModule } from './app.module.js';
import { FirstAdministrator } from './auth/first-administrator.js';
import { followBody, refuseClientError } from './common/errors/client-error.js';
import { ProblemFilter } from './common/errors/problem.filter.js';
import { MAX_BODY_BYTES } from './common/http/body-parsers.js';
import { requestIds } from './common/http/request-id.js';
import { trustIn } from './common/http/trusted-proxies.js';
import { type Environment } from './config/environment.js';
import { configureApp } from './configure-app.js';
import { translateDatabaseError } from './database/translate-database-error.js';
import { TokensStart } from './tokens/tokens-start.js';

/** A request that is not here after 30 s is not coming; the slowest honest link sends 64 KiB in a tenth of it. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Its header fields are 16 KiB at most, a quarter of it. Also for a connection on which nothing has come yet. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Between two looks at those limits, which are exceeded by as much: Node's own 30 s would double them. */
const TIMEOUTS_CHECK_MS = 1_000;

/** An open connection waits so long for its next request: longer than the minute that balancers keep theirs. */
const KEEP_ALIVE_MS = 72_000;

/** The service, ready to listen. `main` and the tests make it alike. */
export async function createApp(
  environment: Environment,
  databaseUrl: string,
  logger: LoggerService | false,
): Promise<NestFastifyApplication> {
  const filter = new ProblemFilter([translateDatabaseError]);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(environment, databaseUrl),
    createAdapter(filter, environment),
    {
      logger,
      bodyParser: false,
      abortOnError: false,
    },
  );
  configureApp(app, filter, environment);
  try {
    await app.get(TokensStart).prepare();
    await app.get(FirstAdministrator).ensure();
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

function createAdapter(filter: ProblemFilter, { trustProxy }: Environment): FastifyAdapter {
  const trusts = trustIn(trustProxy);
  return new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    trustProxy: trustProxy === undefined ? false : trusts,
    genReqId: requestIds(trusts),
    http: {
      // Checked by us, for the sake of the answer's shape.
      requireHostHeader: false,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUTS_CHECK_MS,
    },
    // While it closes, the service finishes what has arrived; a client on an open connection is not turned away.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseClientError,
    // An address that is none, such as `/%`, is refused by Fastify before Nest hears of it.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      followBody(request.raw, reply.raw);
      filter.refuse(error, reply);
    },
  });
}
