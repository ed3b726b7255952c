import { SetMetadata } from '@nestjs/common';

export const REQUIRED_ROLE = 'recant:required-role';

/** The role whose bearers manage users, clients, keys and revocations. */
export const ADMIN_ROLE = 'admin';

/** Lets only callers through whose access token carries this role. */
export const RequiresRole = (role: string) => SetMetadata(REQUIRED_ROLE, role);
