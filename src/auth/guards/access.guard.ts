import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { IS_PUBLIC } from '../../common/http/public.decorator.js';
import { RevokedTokenRepository } from '../../tokens/revocation/revoked-token.repository.js';
import { BearerGuard } from './bearer.guard.js';

/** Global: every route asks for an access token that nothing has revoked, unless it says `@Public()`. */
@Injectable()
export class AccessGuard extends BearerGuard('access') {
  constructor(
    private readonly reflector: Reflector,
    revokedTokens: RevokedTokenRepository,
  ) {
    super(revokedTokens);
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const isPublic = this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, [context.getHandler(), context.getClass()]);
    return isPublic ? true : super.canActivate(context);
  }
}
