import { parseArgs } from 'node:util';
import { BY_COMMAND } from './audit/origin.js';
import { AdministratorService } from './auth/administrator.service.js';
import { AuthError } from './common/errors/auth-error.js';
import { readPassword } from './read-password.js';
import { readEnvironment } from './config/read-environment.js';
import { endWith, UsageError } from './end-with.js';
import { USERNAME_PATTERN, USERNAME_RULE } from './users/username.js';
import { withApplication } from './with-application.js';

const USAGE =
  'Usage: npm run admin:create -- --username NAME   (the password is asked for, or read from standard input)';

const NAME_IS_TAKEN = 'An account with this name exists; it is not promoted. Choose another name.';

/** Makes an administrator, whether the service is running or not. */
async function createAdmin(): Promise<void> {
  const username = usernameArgument();
  const environment = readEnvironment();
  const password = await readPassword();
  await withApplication(environment, (app) => app.get(AdministratorService).create(username, password, BY_COMMAND));
  console.log(`The administrator ${username} was created.`);
}

function usernameArgument(): string {
  const { values, positionals } = parseArgs({ options: { username: { type: 'string' } }, strict: false });
  const { username } = values;
  if (typeof username !== 'string' || positionals.length > 0) throw new UsageError(USAGE);
  if (!USERNAME_PATTERN.test(username)) throw new UsageError(USERNAME_RULE);
  return username;
}

function explain(error: unknown): never {
  if (!(error instanceof AuthError)) return endWith(error);
  if (error.code === 'username_taken') return endWith(new UsageError(NAME_IS_TAKEN));
  return endWith(new UsageError(error.errors?.map(({ message }) => message).join(', ') ?? error.message));
}

createAdmin().catch(explain);
