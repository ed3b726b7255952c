import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthError } from '../../common/errors/auth-error.js';
import { REQUIRED_ROLE } from '../../common/http/requires-role.decorator.js';
import { type UserAccessClaims } from '../../tokens/access/access-token.service.js';
import { metadataOf } from './metadata-of.js';
import { requestOf } from './request-of.js';

/** Global, after the access guard: asks for the role that `@RequiresRole()` names. A role that is lost ends its tokens. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const role = metadataOf(this.reflector, REQUIRED_ROLE, context);
    if (typeof role !== 'string') return true;
    const claims = requestOf(context).user as Partial<UserAccessClaims> | undefined;
    // On a route that was opened by mistake, no is the answer.
    if (!claims) throw new AuthError('missing_token');
    if (!claims.roles?.includes(role)) throw new AuthError('insufficient_scope', { reason: `needs the role ${role}` });
    return true;
  }
}
