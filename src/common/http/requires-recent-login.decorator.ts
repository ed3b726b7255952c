import { SetMetadata } from '@nestjs/common';

export const REQUIRES_RECENT_LOGIN = 'recant:requires-recent-login';

/** Asks for a login within five minutes (RFC 9470), for what deletes, forbids, sets roles or shows a secret. */
export const RequiresRecentLogin = () => SetMetadata(REQUIRES_RECENT_LOGIN, true);
