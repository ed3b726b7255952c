import { applyDecorators, UseGuards } from '@nestjs/common';
import { Public } from '../../common/http/public.decorator.js';
import { AnyTokenGuard } from './any-token.guard.js';
import { RefreshGuard } from './refresh.guard.js';

/** Asks for a refresh token in place of the access token. */
export const TakesRefreshToken = () => applyDecorators(Public(), UseGuards(RefreshGuard));

/** Asks for an access token or a refresh token. */
export const TakesAnyToken = () => applyDecorators(Public(), UseGuards(AnyTokenGuard));
