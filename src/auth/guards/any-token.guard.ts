import { Injectable } from '@nestjs/common';
import { BearerGuard } from './bearer.guard.js';

/** For logging out: an access token or a refresh token, whichever the client has at hand. */
@Injectable()
export class AnyTokenGuard extends BearerGuard('access', 'refresh') {}
