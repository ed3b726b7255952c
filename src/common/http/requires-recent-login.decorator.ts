import { SetMetadata } from '@nestjs/common';

export const REQUIRES_RECENT_LOGIN = 'recant:requires-recent-login';

/** Asks for a login within the last five minutes (RFC 9470), for what cannot be undone. */
export const RequiresRecentLogin = () => SetMetadata(REQUIRES_RECENT_LOGIN, true);
