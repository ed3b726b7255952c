import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type FastifyRequest } from 'fastify';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { originOf } from '../../audit/origin.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { REQUIRED_ROLE } from '../../common/http/requires-role.decorator.js';
import { type UserAccessClaims } from '../../tokens/access/access-token.service.js';
import { metadataOf } from './metadata-of.js';
import { requestOf } from './request-of.js';

/** Global, after the access guard: asks for the role that `@RequiresRole()` names. A role that is lost ends its tokens. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly audit: AuditTrail,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const role = metadataOf(this.reflector, REQUIRED_ROLE, context);
    if (typeof role !== 'string') return true;
    const request = requestOf(context);
    const claims = request.user as Partial<UserAccessClaims> | undefined;
    // On a route that was opened by mistake, no is the answer.
    if (!claims) throw new AuthError('missing_token');
    return claims.roles?.includes(role) ? true : this.refuse(request, role);
  }

  private async refuse(request: FastifyRequest, role: string): Promise<never> {
    await this.audit.recordRefusal('access.refused', { by: originOf(request), target: null, details: { role } });
    throw new AuthError('insufficient_scope', { reason: `needs the role ${role}` });
  }
}
