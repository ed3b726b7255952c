import { type GatewayKind } from './gateway.js';
import { keepsThePromises } from './promises.js';

const caddy: GatewayKind = {
  example: 'examples/gateways/caddy/Caddyfile',
  listen: (port) => `:${port} {`,
  forged: ['X-Auth-Email: forged', 'X-Auth-Subject-Id: forged', 'X_Auth_Email: forged'],
  command: (config) => Promise.resolve(['/usr/bin/caddy', 'run', '--config', config, '--adapter', 'caddyfile']),
};

// Real: Caddy of Debian's caddy, two processes of the built Recant, PostgreSQL. The service is the test's.
keepsThePromises('Caddy', caddy);
