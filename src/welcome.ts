import { type Environment } from './config/environment.js';

/** What a person reads who has just started the service: where it is, and what to try first. */
export function welcome(url: string, { docsEnabled, isProduction }: Environment): string {
  if (isProduction) return `Listening on ${url}`;
  return [
    `Recant is ready.`,
    ``,
    `  API         ${url}`,
    ...(docsEnabled ? [`  Swagger UI  ${url}/docs`] : []),
    ``,
    `  Try first:`,
    `  curl ${url}/registration -H 'content-type: application/json' \\`,
    `    -d '{"username":"alice","password":"correct horse battery staple"}'`,
    ``,
  ].join('\n');
}
