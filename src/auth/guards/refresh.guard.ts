import { Injectable } from '@nestjs/common';
import { BearerGuard } from './bearer.guard.js';

/** For the routes that take a refresh token, also a spent one, whose session nothing has ended. */
@Injectable()
export class RefreshGuard extends BearerGuard('refresh') {}
