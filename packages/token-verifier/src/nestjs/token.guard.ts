import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type AccessTokenClaims } from '../claims.js';
import { type Verifier } from '../verifier.js';
import { VerifierError } from '../verifier-error.js';
import { bearerToken, type WithHeaders } from './bearer-token.js';
import { type Challenge, refusal, type Reply, unavailable } from './refusals.js';
import { type Requirement } from './requirements.js';
import { IS_PUBLIC, REQUIREMENTS, TOKEN_VERIFIER } from './tokens.js';

interface Request extends WithHeaders {
  claims?: AccessTokenClaims;
}

/** A handler or its controller. */
type Place = ReturnType<ExecutionContext['getHandler' | 'getClass']>;

/**
 * Lets a request pass that brings an access token in `Authorization: Bearer` which counts, and has what the route asks
 * for. Otherwise 401, 403 or, when nothing can be known, 503. As `APP_GUARD` it closes every route that is not
 * {@link Public}; without that, it closes those that ask for something, with {@link RequiresToken} at least. On Express
 * and on Fastify alike. In a context that is not HTTP it throws.
 *
 * @example
 * ```ts
 * import { Module } from '@nestjs/common';
 * import { APP_GUARD } from '@nestjs/core';
 * import { TokenGuard, TokenVerifierModule } from '@recant/token-verifier/nestjs';
 *
 * const client = { id: 'the id', secret: 'the secret' };
 *
 * @Module({
 *   imports: [TokenVerifierModule.forRoot({ issuer: 'https://auth.example.com', audience: 'orders', client })],
 *   providers: [{ provide: APP_GUARD, useExisting: TokenGuard }],
 * })
 * class AppModule {}
 * ```
 */
@Injectable()
export class TokenGuard implements CanActivate {
  /** @internal */
  constructor(
    @Inject(TOKEN_VERIFIER) private readonly verifier: Verifier,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  /** Called by Nest. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (this.isPublic(places)) return true;
    if (context.getType() !== 'http') throw new Error(`TokenGuard cannot guard ${context.getType()}`);
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const reply = http.getResponse<Reply>();
    request.claims = await this.claimsOf(request, reply);
    const challenge = this.challengeOf(places, request.claims);
    if (challenge) throw refusal(reply, challenge);
    return true;
  }

  /** The nearest word counts, and where a place says both, the one that asks: no is the default. */
  private isPublic(places: Place[]): boolean {
    const place = places.find((one) => this.requirementsOf(one).length > 0 || this.reflector.get(IS_PUBLIC, one));
    return place !== undefined && this.requirementsOf(place).length === 0;
  }

  /** Of several, one that a new login would not meet goes first: nobody logs in again only to hear of it then. */
  private challengeOf(places: Place[], claims: AccessTokenClaims): Challenge | undefined {
    const nowSeconds = Date.now() / 1000;
    const requirements = places.flatMap((place) => this.requirementsOf(place));
    const challenges = requirements.flatMap((requirement) => requirement(claims, nowSeconds) ?? []);
    return challenges.find(({ error }) => error === 'insufficient_scope') ?? challenges[0];
  }

  private requirementsOf(place: Place): Requirement[] {
    return this.reflector.get<Requirement[] | undefined>(REQUIREMENTS, place) ?? [];
  }

  private async claimsOf(request: Request, reply: Reply): Promise<AccessTokenClaims> {
    const token = bearerToken(request);
    if (token === null) throw refusal(reply, {});
    try {
      return await this.verifier.verify(token);
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error;
      // The same for every reason: which one it was is nobody's business but the log's.
      throw error.isRefusal ? refusal(reply, { error: 'invalid_token' }) : unavailable(reply, error);
    }
  }
}
