import { Injectable } from '@nestjs/common';
import { type Origin } from '../../audit/origin.js';
import { FIRST_PARTY_CLIENT } from '../../clients/first-party-client.js';
import { type PresentedCredentials } from './client-credentials.js';
import { ClientGuard } from './client.guard.js';
import { type OAuthClient } from './oauth-client.js';

/** It runs in browsers and on phones, where a secret would be none. */
const firstParty: OAuthClient = { id: FIRST_PARTY_CLIENT, scopes: [], isPublic: true };

/** Lets the first-party client through as well, by its name alone. */
@Injectable()
export class AnyClientGuard extends ClientGuard {
  protected override identify(credentials: PresentedCredentials, by: Origin): Promise<OAuthClient> {
    const isFirstParty = credentials.id === FIRST_PARTY_CLIENT && credentials.secret === null;
    return isFirstParty ? Promise.resolve(firstParty) : super.identify(credentials, by);
  }
}
