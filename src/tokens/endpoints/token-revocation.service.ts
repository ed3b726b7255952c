import { Injectable } from '@nestjs/common';
import { aClient, aUser } from '../../audit/actor.js';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { asActor, type Origin } from '../../audit/origin.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { PresentedTokenService } from '../refresh/presented-token.service.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { type OAuthClient } from './oauth-client.js';

/** Takes tokens back for clients (RFC 7009). What it does not throw is stored, or needed no storing. */
@Injectable()
export class TokenRevocationService {
  constructor(
    private readonly presentedTokens: PresentedTokenService,
    private readonly revocations: RevocationService,
    private readonly sessions: SessionsService,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws AuthError `insufficient_scope` for the token of another client. */
  async revoke(client: OAuthClient, text: string, from: Origin): Promise<void> {
    const token = this.presentedTokens.read(text);
    // RFC 7009 §2.2: an invalid token is not an error, for the client has what it wants.
    if (!token) return;
    const { claims } = token;
    const sid = 'sid' in claims ? claims.sid : null;
    if (!mayRevoke(client, claims.client_id)) {
      const target = sid === null ? aClient(claims.sub) : aUser(claims.sub);
      const facts = { by: from, target, sessionId: sid, details: { jti: claims.jti } };
      await this.audit.recordRefusal('revocation.refused', facts);
      throw new AuthError('insufficient_scope', { reason: `client ${client.id} may not revoke tokens of others` });
    }
    const reason = client.isPublic ? 'logout' : 'client';
    // Of a client that anyone can say to be, it is whoever holds the token who logs out.
    const by = client.isPublic ? asActor(from, aUser(claims.sub)) : from;
    // RFC 7009 §2.1: with a refresh token goes everything that rests on the same grant.
    if (token.use === 'refresh_token') await this.sessions.end(token.claims.sid, reason, by);
    else await this.revocations.revokeToken(token.claims, reason, by);
  }
}

function mayRevoke({ id, scopes }: OAuthClient, ownerId: string): boolean {
  return scopes.includes('tokens:revoke') || ownerId === id;
}
