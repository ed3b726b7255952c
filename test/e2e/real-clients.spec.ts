import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, Given } from '../support/given.js';
import { startServiceAtIssuer, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, and the clients: oauth4webapi and jose, which refuse what the RFCs do not allow.
let service: TestService;
let given: Given;
let issuer: URL;
let server: oauth.AuthorizationServer;

beforeAll(async () => {
  service = await startServiceAtIssuer({ AUDIENCE: 'recant,orders' });
  given = new Given(service);
  issuer = new URL(service.api.url);
  // As a client does it that knows no more than the issuer.
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  server = await oauth.processDiscoveryResponse(issuer, response);
});
afterAll(() => service.stop());

/** The library asks for TLS, which ends in front of the service. */
const insecure = { [oauth.allowInsecureRequests]: true };

const firstParty: oauth.Client = { client_id: 'recant' };

const clientSecrets = [
  ['Basic', oauth.ClientSecretBasic],
  ['the body', oauth.ClientSecretPost],
] as const;

describe('oauth4webapi', () => {
  let client: oauth.Client;
  let secret: string;
  let user: Account;

  beforeEach(async () => {
    const { access } = await given.anAdmin();
    const json = { client_name: 'gateway', scope: 'tokens:introspect tokens:revoke' };
    const { body } = await service.api.post('/clients', { token: access, json });
    client = { client_id: body.client_id };
    secret = body.client_secret;
    user = await given.aUser();
  });

  async function introspect(token: string, as = oauth.ClientSecretBasic(secret)): Promise<oauth.IntrospectionResponse> {
    const response = await oauth.introspectionRequest(server, client, as, token, insecure);
    return oauth.processIntrospectionResponse(server, client, response);
  }

  it('discovers every endpoint that it needs', () => {
    expect(server).toMatchObject({
      issuer: issuer.origin,
      token_endpoint: `${issuer.origin}/oauth/token`,
      introspection_endpoint: `${issuer.origin}/oauth/introspect`,
      revocation_endpoint: `${issuer.origin}/oauth/revoke`,
      jwks_uri: `${issuer.origin}/.well-known/jwks.json`,
    });
  });

  it.each(clientSecrets)(
    'gets a token for itself with its secret in %s, which RFC 9068 has no fault with',
    async (_, as) => {
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        client,
        as(secret),
        { resource: 'orders' },
        insecure,
      );
      const { access_token, scope } = await oauth.processClientCredentialsResponse(server, client, response);
      expect(scope).toBe('tokens:introspect tokens:revoke');
      const request = new Request('http://orders.test', { headers: { authorization: `Bearer ${access_token}` } });
      const claims = await oauth.validateJwtAccessToken(server, request, 'orders', insecure);
      expect(claims).toMatchObject({ sub: client.client_id, client_id: client.client_id, aud: 'orders' });
      await expect(oauth.validateJwtAccessToken(server, request, 'billing', insecure)).rejects.toThrow(/aud/);
    },
  );

  it.each(clientSecrets)('introspects and revokes with its secret in %s', async (_, as) => {
    expect(await introspect(user.access, as(secret))).toMatchObject({
      active: true,
      sub: user.id,
      token_type: 'Bearer',
    });
    const response = await oauth.revocationRequest(server, client, as(secret), user.access, insecure);
    await oauth.processRevocationResponse(response);
    expect(await introspect(user.access, as(secret))).toEqual({ active: false });
    expect((await introspect(user.refresh)).active).toBe(true);
  });

  it('refreshes as the first-party client, which has no secret, and takes its session back', async () => {
    const response = await oauth.refreshTokenGrantRequest(server, firstParty, oauth.None(), user.refresh, insecure);
    const pair = await oauth.processRefreshTokenResponse(server, firstParty, response);
    expect((await introspect(pair.refresh_token!)).active).toBe(true);
    expect(await introspect(user.refresh)).toEqual({ active: false });
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(server, firstParty, oauth.None(), pair.refresh_token!, insecure),
    );
    for (const token of [pair.refresh_token!, pair.access_token, user.access]) {
      expect(await introspect(token)).toEqual({ active: false });
    }
  });

  it('understands every refusal', async () => {
    const refusals: [error: string, request: Promise<Response>, process: (response: Response) => Promise<unknown>][] = [
      [
        'invalid_grant',
        oauth.refreshTokenGrantRequest(server, firstParty, oauth.None(), 'no.such.token', insecure),
        (response) => oauth.processRefreshTokenResponse(server, firstParty, response),
      ],
      [
        'invalid_scope',
        oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretPost(secret), { scope: 'all' }, insecure),
        (response) => oauth.processClientCredentialsResponse(server, client, response),
      ],
      [
        'invalid_target',
        oauth.clientCredentialsGrantRequest(
          server,
          client,
          oauth.ClientSecretPost(secret),
          { resource: 'x' },
          insecure,
        ),
        (response) => oauth.processClientCredentialsResponse(server, client, response),
      ],
      [
        'invalid_client',
        oauth.introspectionRequest(server, client, oauth.ClientSecretPost('wrong'), user.access, insecure),
        (response) => oauth.processIntrospectionResponse(server, client, response),
      ],
    ];
    for (const [error, request, process] of refusals) {
      await expect(process(await request)).rejects.toMatchObject(
        // Of a challenge in the header the library tells rather than of the body.
        error === 'invalid_client' ? { code: oauth.WWW_AUTHENTICATE_CHALLENGE, status: 401 } : { error, status: 400 },
      );
    }
  });
});

describe('jose', () => {
  it('verifies with keys that it finds by discovery, and refuses what is for another service', async () => {
    const keys = createRemoteJWKSet(new URL(server.jwks_uri!));
    const { body } = await service.api.post('/login', {
      json: { username: (await given.aUser()).username, password: 'correct horse battery staple', resource: 'orders' },
    });
    const expected = { issuer: issuer.origin, typ: 'at+jwt', algorithms: ['ES256'] };
    await jwtVerify(body.access_token, keys, { ...expected, audience: 'orders' });
    await expect(jwtVerify(body.access_token, keys, { ...expected, audience: 'recant' })).rejects.toThrow(/aud/);
  });
});
