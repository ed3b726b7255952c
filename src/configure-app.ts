import helmet from '@fastify/helmet';
import { ValidationPipe } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type ValidationError } from 'class-validator';
import { AuthError, type FieldError } from './common/errors/auth-error.js';
import { ProblemFilter } from './common/errors/problem.filter.js';
import { refuseOtherMethods } from './common/http/allowed-methods.js';
import { registerBodyParsers } from './common/http/body-parsers.js';
import { endConnectionsOnStop } from './common/http/drain.js';
import { type Environment } from './config/environment.js';
import { serveDocs } from './openapi.js';

/** Everything about HTTP that is the same for all routes. Shared by `main` and the tests, so that they see one service. */
export async function configureApp(
  app: NestFastifyApplication,
  filter: ProblemFilter,
  environment: Environment,
): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  refuseOtherMethods(fastify);
  registerBodyParsers(fastify);
  endConnectionsOnStop(fastify);
  fastify.addHook('onRequest', (_request, reply, done) => {
    // Answers tell of tokens and accounts. What may be kept says so itself.
    void reply.header('cache-control', 'no-store');
    done();
  });
  await app.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy } });
  app.useGlobalFilters(filter);
  app.useGlobalPipes(
    new ValidationPipe({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      stopAtFirstError: true,
      exceptionFactory: refuseFields,
    }),
  );
  if (environment.docsEnabled) serveDocs(app);
}

/** What Swagger UI needs, and nothing from elsewhere. Its styles stand in the page and in attributes. */
const contentSecurityPolicy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

function refuseFields(errors: ValidationError[]): AuthError {
  return new AuthError('validation_failed', { errors: errors.map(fieldError) });
}

function fieldError({ property, constraints = {} }: ValidationError): FieldError {
  if ('whitelistValidation' in constraints) return { field: property, message: `${property} is not a known field` };
  return { field: property, message: Object.values(constraints)[0] ?? `${property} is wrong` };
}
