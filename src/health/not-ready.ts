import { type HealthCheckResult } from '@nestjs/terminus';
import { AuthError } from '../common/errors/auth-error.js';

/** The refusal that says what is missing, of what Terminus throws in a shape of its own. */
export function notReady(response: string | object): AuthError {
  const { status, error = {} } = response as HealthCheckResult;
  const errors = Object.entries(error).map(([field, check]) => ({ field, message: String(check?.['message']) }));
  if (status === 'shutting_down') errors.push({ field: 'instance', message: 'is stopping' });
  return new AuthError('not_ready', { errors, reason: errors.map(({ field }) => field).join(', ') });
}
