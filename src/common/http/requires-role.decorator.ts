import { SetMetadata } from '@nestjs/common';

export const REQUIRED_ROLE = 'recant:required-role';

/** Lets only callers through whose access token carries this role. */
export const RequiresRole = (role: string) => SetMetadata(REQUIRED_ROLE, role);
