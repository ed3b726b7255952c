import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { identityFields } from '../../src/auth/forward-auth/identity-headers.js';

// Real: the files, read by PyYAML. Debian has neither Traefik nor Envoy: what these would make of the files is not tested.
type Yaml = Record<string, unknown>;

async function read(file: string): Promise<Yaml> {
  const program = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))';
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', program, `examples/gateways/${file}`]);
  return JSON.parse(stdout) as Yaml;
}

const names = [...Object.keys(identityFields), 'x_auth_subject', 'X_Auth-Roles', 'X-Auth-Whatever'];

describe('the files for Traefik', () => {
  it('ask Recant about every request, with the token alone, and take the fields of an identity from its answer', async () => {
    const { http } = (await read('traefik/dynamic.yaml')) as { http: Record<string, Yaml> };
    expect(http['routers']).toEqual({
      service: { entryPoints: ['web'], rule: 'PathPrefix(`/`)', middlewares: ['recant'], service: 'service' },
    });
    const { forwardAuth } = http['middlewares']!['recant'] as { forwardAuth: Yaml };
    expect(forwardAuth).toEqual({
      address: 'http://127.0.0.1:3000/forward-auth',
      authResponseHeadersRegex: expect.any(String),
      authRequestHeaders: ['Authorization'],
      trustForwardHeader: false,
      forwardBody: false,
    });
    // Go and JavaScript spell the flag differently, and the rest of this expression alike.
    const [, expression] = /^\(\?i\)(.*)$/.exec(String(forwardAuth['authResponseHeadersRegex']))!;
    for (const name of names) expect(name).toMatch(new RegExp(expression!, 'i'));
    expect('Authorization').not.toMatch(new RegExp(expression!, 'i'));
    expect(await read('traefik/traefik.yaml')).toEqual({
      entryPoints: { web: { address: '127.0.0.1:8080' } },
      providers: { file: { filename: 'dynamic.yaml' } },
    });
  });
});

describe('the file for Envoy', () => {
  it('takes the caller’s fields away before Recant is asked, and lets nobody pass without an answer', async () => {
    const manager = managerIn(await read('envoy/envoy.yaml'));
    expect(manager).toMatchObject({
      common_http_protocol_options: { headers_with_underscores_action: 'DROP_HEADER' },
      local_reply_config: {
        mappers: [
          {
            filter: { status_code_filter: { comparison: { op: 'EQ', value: { default_value: 503 } } } },
            headers_to_add: [{ header: { key: 'retry-after', value: '1' } }],
          },
        ],
      },
    });
    const filters = manager['http_filters'] as { name: string; typed_config: Yaml }[];
    expect(filters.map(({ name }) => name.split('.').at(-1))).toEqual(['header_mutation', 'ext_authz', 'router']);
    expect(filters[0]!.typed_config['mutations']).toEqual({
      request_mutations: [{ remove_on_match: { key_matcher: { prefix: 'x-auth-' } } }],
    });
    expect(filters[1]!.typed_config).toEqual({
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
      failure_mode_allow: false,
      status_on_error: { code: 503 },
      http_service: {
        path_prefix: '/forward-auth',
        server_uri: { uri: 'http://recant', cluster: 'recant', timeout: '2s' },
        authorization_response: { allowed_upstream_headers: { patterns: [{ prefix: 'x-auth-' }] } },
      },
    });
  });

  it('has the addresses of the others', async () => {
    const text = JSON.stringify(await read('envoy/envoy.yaml'));
    for (const port of [8080, 3000, 4000]) {
      expect(text.split(`{"address":"127.0.0.1","port_value":${port}}`)).toHaveLength(2);
    }
  });
});

function managerIn(file: Yaml): Yaml {
  const { listeners } = file['static_resources'] as { listeners: { filter_chains: { filters: Yaml[] }[] }[] };
  return listeners[0]!.filter_chains[0]!.filters[0]!['typed_config'] as Yaml;
}
