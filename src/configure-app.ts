import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { useContainer } from 'class-validator';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type ProblemFilter } from './common/errors/problem.filter.js';
import { refuseOtherMethods } from './common/http/allowed-methods.js';
import { knowEveryMethod } from './common/http/any-method.js';
import { registerBodyParsers } from './common/http/body-parsers.js';
import { allowCrossOrigin } from './common/http/cross-origin.js';
import { endConnectionsOnStop } from './common/http/drain.js';
import { REQUEST_ID_FIELD } from './common/http/request-id.js';
import { securityHeaders } from './common/http/security-headers.js';
import { StrictValidationPipe } from './common/http/strict-validation.pipe.js';
import { refuseMalformedRequests } from './common/http/well-formed.js';
import { type Environment } from './config/environment.js';
import { serveDocs } from './openapi.js';

/** Everything about HTTP that is the same for all routes. Shared by `main` and the tests, so that they see one service. */
export function configureApp(app: NestFastifyApplication, filter: ProblemFilter, environment: Environment): void {
  const fastify = app.getHttpAdapter().getInstance();
  // First, so that the refusals of the hooks after it carry them.
  fastify.addHook('onRequest', (request, reply, done) => {
    addFieldsOfEveryAnswer(request, reply);
    done();
  });
  if (environment.corsOrigins.length > 0) answerOtherOrigins(app, environment.corsOrigins);
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

function addFieldsOfEveryAnswer({ id }: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(securityHeaders).header(REQUEST_ID_FIELD, id);
}

/** Nest answers a preflight before the hooks of others are asked. */
function answerOtherOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  allowCrossOrigin(app, origins);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (request, reply, payload, done) => {
      if (request.method === 'OPTIONS') addFieldsOfEveryAnswer(request, reply);
      done(null, payload);
    });
}
