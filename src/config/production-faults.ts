import { type Environment } from './environment.js';
import { isPlaceholder } from './is-secret.js';

/** What development may leave out and production may not: nothing there is made up, and nothing is a placeholder. */
export function productionFaults(environment: Environment): string[] {
  const faults: string[] = [];
  if (!environment.encryptionSecret) {
    faults.push(
      'ENCRYPTION_SECRET is missing; production needs one of 32 random bytes or more (openssl rand -base64 32)',
    );
  }
  if (environment.databaseUrl === undefined && !environment.embeddedDatabase) {
    faults.push('DATABASE_URL is missing; production needs a PostgreSQL, or EMBEDDED_DATABASE=true');
  }
  const { databaseUrl, databaseListenUrl } = environment;
  for (const [name, url] of Object.entries({ DATABASE_URL: databaseUrl, DATABASE_LISTEN_URL: databaseListenUrl })) {
    if (isPlaceholder(passwordOf(url))) {
      faults.push(`${name} has a placeholder for a password; give the role a real one`);
    }
  }
  if (environment.adminPassword !== undefined && isPlaceholder(environment.adminPassword)) {
    faults.push('ADMIN_PASSWORD is a placeholder; choose a password');
  }
  return faults;
}

/** Empty for an address without one, as with certificates or a trusted socket. */
function passwordOf(databaseUrl: string | undefined): string {
  return databaseUrl !== undefined && URL.canParse(databaseUrl) ? new URL(databaseUrl).password : '';
}
