import { Injectable, type PipeTransform } from '@nestjs/common';
import { AuthError } from '../errors/auth-error.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id in an address. One that is no id names nothing, so it is 404 and not a fault of the request. */
@Injectable()
export class UuidParam implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!UUID.test(value)) throw new AuthError('not_found', { reason: 'not a UUID' });
    return value.toLowerCase();
  }
}
