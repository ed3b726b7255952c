import { SetMetadata } from '@nestjs/common';

export const IS_ALSO_FOR_CLIENTS = 'recant:is-also-for-clients';

/** Lets the access token of a client through too. Every other route is for people: it reads a session and a user. */
export const AlsoForClients = () => SetMetadata(IS_ALSO_FOR_CLIENTS, true);
