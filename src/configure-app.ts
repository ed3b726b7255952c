import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { useContainer } from 'class-validator';
import { type ProblemFilter } from './common/errors/problem.filter.js';
import { refuseOtherMethods } from './common/http/allowed-methods.js';
import { knowEveryMethod } from './common/http/any-method.js';
import { registerBodyParsers } from './common/http/body-parsers.js';
import { endConnectionsOnStop } from './common/http/drain.js';
import { securityHeaders } from './common/http/security-headers.js';
import { StrictValidationPipe } from './common/http/strict-validation.pipe.js';
import { refuseMalformedRequests } from './common/http/well-formed.js';
import { type Environment } from './config/environment.js';
import { serveDocs } from './openapi.js';

/** Everything about HTTP that is the same for all routes. Shared by `main` and the tests, so that they see one service. */
export function configureApp(app: NestFastifyApplication, filter: ProblemFilter, environment: Environment): void {
  const fastify = app.getHttpAdapter().getInstance();
  // First, so that the refusals of the hooks after it carry them.
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(securityHeaders);
    done();
  });
  knowEveryMethod(fastify);
  refuseMalformedRequests(fastify);
  refuseOtherMethods(fastify);
  registerBodyParsers(fastify);
  endConnectionsOnStop(fastify);
  // Some rules of a DTO ask the configuration; their constraints are made by Nest.
  useContainer({ get: (type) => app.get(type, { strict: false }) }, { fallbackOnErrors: true });
  app.useGlobalFilters(filter);
  app.useGlobalPipes(new StrictValidationPipe());
  if (environment.docsEnabled) serveDocs(app);
}
