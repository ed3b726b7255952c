import { type ExecutionContext, Injectable } from '@nestjs/common';
import { IS_PUBLIC } from '../../common/http/public.decorator.js';
import { BearerGuard } from './bearer.guard.js';
import { metadataOf } from './metadata-of.js';

/** Global: every route asks for an access token that nothing has revoked, unless it says `@Public()`. */
@Injectable()
export class AccessGuard extends BearerGuard('access') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    return metadataOf(this.reflector, IS_PUBLIC, context) ? true : super.canActivate(context);
  }
}
