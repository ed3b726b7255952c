import { Injectable, type PipeTransform } from '@nestjs/common';
import { AuthError } from '../errors/auth-error.js';
import { isUuid } from '../uuid.js';

/** An id in an address. One that is no id names nothing, so it is 404 and not a fault of the request. */
@Injectable()
export class UuidParam implements PipeTransform<string, string> {
  transform(value: string): string {
    const id = value.toLowerCase();
    if (!isUuid(id)) throw new AuthError('not_found', { reason: 'not a UUID' });
    return id;
  }
}
