import { type INestApplication } from '@nestjs/common';
import { refusalsOfAnyBody } from './common/http/answers.decorator.js';
import { tellAnyMethodOnce } from './common/http/any-method.js';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

const DESCRIPTION = `
A token service: people register and log in, Recant issues JSON Web Tokens, and every token it issues can be taken back.

To try it: send \`POST /registration\`, copy the \`access_token\` of the answer, press **Authorize**, paste it, and send
\`GET /secret\`. Then send \`POST /logout/access\`, and \`GET /secret\` again: it answers 401.

Every refusal is \`application/problem+json\` (RFC 9457) with a \`code\` for programs; at the
addresses under \`/oauth\` it is \`{ error, error_description }\` (RFC 6749).`.trim();

/** The OpenAPI document of every route. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const bearer = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } as const;
  const config = new DocumentBuilder()
    .setTitle('Recant')
    .setDescription(DESCRIPTION)
    .setVersion('0.1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This service')
    .addTag('tokens', 'Get tokens, and take them back.')
    .addTag('sessions', 'The devices on which the caller is logged in.')
    .addTag('try it', 'A protected resource.')
    .addTag('users', 'The own account; for administrators, all of them.')
    .addTag('clients', 'For administrators: the services that may do what others may not.')
    .addTag(
      'for services',
      'What other services need, to verify tokens by themselves, to ask about them and to take them back.',
    )
    .addTag('audit', 'For administrators: who did what to whom.')
    .addTag('health', 'For orchestrators.')
    .addBearerAuth({ ...bearer, description: 'The `access_token` of an answer.' }, 'access_token')
    .addBearerAuth({ ...bearer, description: 'The `refresh_token` of an answer.' }, 'refresh_token')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'A `client_id` and its `client_secret`.' }, 'client')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
  });
  tellAnyMethodOnce(document);
  // Said aloud for the routes that need no token: an operation without the word would be closed to some readers.
  for (const operation of operationsOf(document)) operation.security ??= [];
  for (const { post, put, patch, delete: remove } of Object.values(document.paths)) {
    // Whatever the route, a body that comes with these is looked at before anything else.
    for (const operation of [post, put, patch, remove]) {
      if (operation) operation.responses = { ...refusalsOfAnyBody(), ...operation.responses };
    }
  }
  return document;
}

function operationsOf({ paths }: OpenAPIObject): { security?: unknown[] }[] {
  return Object.values(paths).flatMap((path) => Object.values(path as Record<string, { security?: unknown[] }>));
}

/** Serves the document at `/openapi.json`, and Swagger UI over it at `/docs`. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Recant',
    swaggerOptions: { displayRequestDuration: true, tryItOutEnabled: true },
  });
}
