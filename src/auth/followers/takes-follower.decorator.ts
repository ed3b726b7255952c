import { applyDecorators, createParamDecorator, type ExecutionContext, UseGuards } from '@nestjs/common';
import { ApiBasicAuth, ApiBearerAuth } from '@nestjs/swagger';
import { type ErrorCode } from '../../common/errors/error-catalog.js';
import { AlsoForClients } from '../../common/http/also-for-clients.decorator.js';
import { Public } from '../../common/http/public.decorator.js';
import { FollowerGuard } from './follower.guard.js';
import { type FollowerRequest } from './stream.service.js';

/** A route for clients that may follow the revocations. */
export const TakesFollower = () =>
  applyDecorators(
    Public(),
    AlsoForClients(),
    UseGuards(FollowerGuard),
    ApiBasicAuth('client'),
    ApiBearerAuth('access_token'),
  );

/** What can happen to any request to such a route. */
export const followerRefusals = [
  'validation_failed',
  'invalid_client',
  'missing_token',
  'invalid_token',
  'insufficient_scope',
  'feed_number_unknown',
] as const satisfies readonly ErrorCode[];

/** Who follows, as the guard has left it. */
export const CallingFollower = createParamDecorator(
  (_: undefined, context: ExecutionContext): FollowerRequest =>
    context.switchToHttp().getRequest<{ follower: FollowerRequest }>().follower,
);
