import { parseArgs } from 'node:util';
import { BY_COMMAND } from './audit/origin.js';
import { ClientAdministration } from './auth/clients/client-administration.service.js';
import { CLIENT_NAME_RULE, isClientName } from './clients/client-name.js';
import { CLIENT_SCOPE_RULE, CLIENT_SCOPES, type ClientScope, parseScope } from './clients/client-scopes.js';
import { type ClientCredentials } from './clients/clients.service.js';
import { readEnvironment } from './config/read-environment.js';
import { endWith, UsageError } from './end-with.js';
import { withApplication } from './with-application.js';

const USAGE = `Usage: npm run client:create -- --name NAME [--scope "${CLIENT_SCOPES.join(' ')}"]`;

/** Makes a client, whether the service is running or not, and prints its secret, this once. */
async function createClient(): Promise<void> {
  const { name, scopes } = readArguments();
  const created = await withApplication(readEnvironment(), (app) =>
    app.get(ClientAdministration).create(name, scopes, BY_COMMAND),
  );
  console.log(linesOf(created));
}

/** As lines that a shell and an .env file take as they stand. */
function linesOf({ clientId, clientSecret }: ClientCredentials): string {
  return `client_id=${clientId}\nclient_secret=${clientSecret}`;
}

function readArguments(): { name: string; scopes: ClientScope[] } {
  const { name, scope = '' } = parsedArguments();
  if (name === undefined) throw new UsageError(USAGE);
  if (!isClientName(name)) throw new UsageError(CLIENT_NAME_RULE);
  const scopes = parseScope(scope);
  if (!scopes) throw new UsageError(CLIENT_SCOPE_RULE);
  return { name, scopes };
}

function parsedArguments(): { name?: string | undefined; scope?: string | undefined } {
  try {
    return parseArgs({ options: { name: { type: 'string' }, scope: { type: 'string' } } }).values;
  } catch {
    // An unknown option, a missing value, a word too many.
    throw new UsageError(USAGE);
  }
}

createClient().catch(endWith);
