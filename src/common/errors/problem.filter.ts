import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { refusesAsOAuth } from '../http/oauth-endpoint.decorator.js';
import { asAuthError, type ErrorTranslator } from './as-auth-error.js';
import { type AuthError } from './auth-error.js';
import { errorCatalog } from './error-catalog.js';
import { oauthErrorHeaders, oauthErrorOf } from './oauth-error.js';
import { problemHeaders, problemOf } from './problem.js';

/**
 * Writes every error as a problem of the catalog, the one shape in which Recant refuses; at the OAuth endpoints, in the
 * shape that their RFCs ask for.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Refusal');

  constructor(private readonly translators: readonly ErrorTranslator[]) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.refuse(error, host.switchToHttp().getResponse<FastifyReply>());
  }

  /** Also for errors that never reach Nest, such as an address that is not one. */
  refuse(error: unknown, reply: FastifyReply): void {
    const refusal = asAuthError(error, this.translators);
    this.log(refusal);
    void reply.code(errorCatalog[refusal.code].status);
    if (refusesAsOAuth(reply.request)) {
      void reply.headers(oauthErrorHeaders(refusal)).send(JSON.stringify(oauthErrorOf(refusal)));
    } else {
      void reply.headers(problemHeaders(refusal)).send(JSON.stringify(problemOf(refusal.code, refusal.errors)));
    }
  }

  private log(refusal: AuthError): void {
    const { status } = errorCatalog[refusal.code];
    if (refusal.code === 'internal_error') this.logger.error(refusal.message, stackOf(refusal.cause) ?? refusal.stack);
    else if (status >= 500) this.logger.error(refusal.message);
    else if (status === 401 || status === 403) this.logger.log(refusal.message);
    else this.logger.debug(refusal.message);
  }
}

function stackOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.stack : undefined;
}
