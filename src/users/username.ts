/** 1 to 120 ASCII characters: no two names look alike, none needs escaping, and an address for mail is one too. */
export const USERNAME_PATTERN = /^[A-Za-z0-9._@+-]{1,120}$/;

export const USERNAME_RULE = 'username must be 1 to 120 of the characters A-Z a-z 0-9 . _ @ + -';

/** The form in which names are compared: `Alice` and `alice` are one name. */
export function canonicalUsername(username: string): string {
  return username.toLowerCase();
}
