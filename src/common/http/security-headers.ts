import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** What Swagger UI needs, and nothing from elsewhere. Its styles stand in the page and in attributes. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
};

/**
 * The header fields of every answer. Helmet says them once, here, and not for each request: they are always the same,
 * and the refusals that never become a request (a malformed one, on a bare socket) have to carry them too.
 */
export const securityHeaders: Readonly<Record<string, string>> = Object.freeze({
  ...saidByHelmet(),
  // Answers tell of tokens and accounts. What may be kept says so itself.
  'cache-control': 'no-store',
});

function saidByHelmet(): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet({ contentSecurityPolicy, frameguard: { action: 'deny' } })(request, response, () => undefined);
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}
