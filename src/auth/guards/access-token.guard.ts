import { Injectable } from '@nestjs/common';
import { BearerGuard } from './bearer.guard.js';

/** What the global guard asks for, for guards of routes that take something else as well and are `@Public()` to it. */
@Injectable()
export class AccessTokenGuard extends BearerGuard('access') {}
