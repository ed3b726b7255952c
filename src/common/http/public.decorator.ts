import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'recant:is-public';

/** Opens a route to requests without an access token. Every route without this decorator is closed. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
