import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { refusesAsOAuth } from '../http/oauth-endpoint.decorator.js';
import { asAuthError, type ErrorTranslator } from './as-auth-error.js';
import { REQUEST_ID_FIELD } from '../http/request-id.js';
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
    this.log(refusal, reply.request.id);
    // Of an address that is none, no hook has heard.
    void reply.code(errorCatalog[refusal.code].status).header(REQUEST_ID_FIELD, reply.request.id);
    if (refusesAsOAuth(reply.request)) {
      void reply.headers(oauthErrorHeaders(refusal)).send(JSON.stringify(oauthErrorOf(refusal)));
    } else {
      void reply.headers(problemHeaders(refusal)).send(JSON.stringify(problemOf(refusal.code, refusal.errors)));
    }
  }

  private log(refusal: AuthError, requestId: string): void {
    const { status } = errorCatalog[refusal.code];
    const line = `${refusal.message} (request ${requestId})`;
    if (refusal.code === 'internal_error') this.logger.error(line, stackOf(refusal.cause) ?? refusal.stack);
    else if (status >= 500) this.logger.error(line);
    else if (status === 401 || status === 403) this.logger.log(line);
    else this.logger.debug(line);
  }
}

function stackOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.stack : undefined;
}
