/** The client of people who log in with a password, as against services with a secret of their own. It has no secret. */
export const FIRST_PARTY_CLIENT = 'recant';
