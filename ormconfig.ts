import { DataSource } from 'typeorm';
import { readEnvironment } from './src/config/read-environment.js';
import { dataSourceOptions } from './src/database/data-source-options.js';
import { Revocation } from './src/tokens/revocation/revocation.entity.js';
import { Session } from './src/tokens/sessions/session.entity.js';
import { SigningKeyRow } from './src/tokens/keys/signing-key.entity.js';
import { User } from './src/users/user.entity.js';

const environment = readEnvironment();
if (environment.databaseUrl === undefined) throw new Error('Set DATABASE_URL to the database that the command is for.');

/** The data source of TypeORM's command line: `npm run typeorm -- migration:show`. The service makes its own. */
export default new DataSource({
  ...dataSourceOptions(environment.databaseUrl, environment),
  entities: [User, Session, SigningKeyRow, Revocation],
});
