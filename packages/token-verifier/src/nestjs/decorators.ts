import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata, UseGuards } from '@nestjs/common';
import { type AccessTokenClaims } from '../claims.js';
import { needsRecentLogin, needsRole, needsScope, type Requirement } from './requirements.js';
import { TokenGuard } from './token.guard.js';
import { IS_PUBLIC, REQUIREMENTS } from './tokens.js';

/**
 * Opens a route, or all of a controller, to requests without a token. A route that asks for something itself stays closed
 * in a controller that is public.
 */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(IS_PUBLIC, true);

/**
 * Asks for a token that counts and for nothing else: closes a route, or a controller, where {@link TokenGuard} is not for
 * all, and a route of a controller that is {@link Public}.
 */
export const RequiresToken = (): MethodDecorator & ClassDecorator => Requires(() => null);

/** Asks for a role; without it: 403 `insufficient_scope`. On a controller and a route, for both. */
export const RequiresRole = (role: string): MethodDecorator & ClassDecorator => Requires(needsRole(role));

/** Asks for a scope, as tokens have it that clients get for themselves; without it: 403 `insufficient_scope`. */
export const RequiresScope = (scope: string): MethodDecorator & ClassDecorator => Requires(needsScope(scope));

/** Asks for a login within the last `seconds`; otherwise 401 `insufficient_user_authentication` (RFC 9470). */
export const RequiresRecentLogin = (seconds: number): MethodDecorator & ClassDecorator =>
  Requires(needsRecentLogin(seconds));

/**
 * Hands the claims of the token to a parameter, or one of them. A request to a route that no `TokenGuard` guards
 * fails: 500.
 *
 * @example
 * ```ts
 * import { Controller, Get } from '@nestjs/common';
 * import { type AccessTokenClaims } from '@recant/token-verifier';
 * import { Claims } from '@recant/token-verifier/nestjs';
 *
 * @Controller('orders')
 * class OrdersController {
 *   @Get()
 *   list(@Claims('sub') userId: string, @Claims() { roles = [] }: AccessTokenClaims): string {
 *     return `the orders of ${userId}, ${roles.join(' and ')}`;
 *   }
 * }
 * ```
 */
export const Claims: (name?: keyof AccessTokenClaims) => ParameterDecorator = createParamDecorator(
  (name: keyof AccessTokenClaims | undefined, context: ExecutionContext): unknown => {
    const { claims } = context.switchToHttp().getRequest<{ claims?: AccessTokenClaims }>();
    // Also on a route that was opened by mistake: `undefined` in place of a user's id may stand for all users.
    if (!claims) throw new Error('@Claims() has nothing to give on a route that TokenGuard does not guard');
    return name === undefined ? claims : claims[name];
  },
);

/**
 * Adds to what the same place asks already, so that several decorators count together, and brings the guard along: a
 * route that asks for something is never open for want of one.
 */
function Requires(requirement: Requirement): MethodDecorator & ClassDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place = (descriptor?.value as object | undefined) ?? target;
    const before = Reflect.getMetadata(REQUIREMENTS, place) as Requirement[] | undefined;
    Reflect.defineMetadata(REQUIREMENTS, [...(before ?? []), requirement], place);
    if (!before) applyDecorators(UseGuards(TokenGuard))(target, key, descriptor);
  };
}
