/** 1 to 120 ASCII characters: no two names look alike, none needs escaping, and an address for mail is one too. */
export const USERNAME_PATTERN = /^[A-Za-z0-9._@+-]{1,120}$/;

export const USERNAME_RULE = 'username must be 1 to 120 of the characters A-Z a-z 0-9 . _ @ + -';

export const RESERVED_RULE = 'username is reserved for administrators; choose another one';

/**
 * Names under which somebody could speak for the service: those of its roles, and the mailboxes of RFC 2142. Not the
 * words of addresses that npm's `reserved-usernames` keeps: no address of ours has a name in it, and it has no `test`.
 */
const RESERVED = new Set(
  `abuse admin administrator administrators admins billing compliance contact everyone helpdesk hostmaster info legal
  mailerdaemon moderator moderators noc noreply official operator owner postmaster privacy recant root sales security
  service staff superadmin superuser support sysadmin sysop system team usenet uucp webmaster www`.split(/\s+/),
);

/** The form in which names are compared: `Alice` and `alice` are one name. */
export function canonicalUsername(username: string): string {
  return username.toLowerCase();
}

/** Whether only an administrator may have the name, however its case is and whatever stands between its letters. */
export function isReservedUsername(username: string): boolean {
  return RESERVED.has(canonicalUsername(username).replace(/[._+-]/g, ''));
}
