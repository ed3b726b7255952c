import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { validateSync } from 'class-validator';
import { parse } from 'dotenv';
import { ConfigurationError } from './configuration-error.js';
import { Environment } from './environment.js';
import { generatedSecret } from './generated-secret.js';
import { productionFaults } from './production-faults.js';
import { allVariables, type Variable, variableNameOf } from './variable.decorator.js';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The only reader of the process's environment. Variables that are set win over those of an `.env` file in the current
 * folder; an empty one counts as not set, as compose files pass them.
 *
 * @throws ConfigurationError that names every wrong variable and what is expected of it.
 */
export function readEnvironment(variables: Variables = { ...dotEnvFile(), ...notEmpty(process.env) }): Environment {
  const faults: string[] = [];
  const environment = Object.assign(new Environment(), valuesOf(variables, faults));
  faults.push(...fieldFaults(environment), ...crossFaults(environment));
  if (environment.isProduction) faults.push(...productionFaults(environment));
  if (faults.length > 0) throw new ConfigurationError(faults);
  return Object.freeze(withGeneratedSecret(environment));
}

function notEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, text]) => text !== ''));
}

function dotEnvFile(): Variables {
  try {
    return parse(readFileSync('.env'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigurationError([`.env cannot be read: ${(error as Error).message}`]);
  }
}

function valuesOf(variables: Variables, faults: string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const variable of allVariables(Environment)) {
    const text = textOf(variable, variables, faults);
    values[variable.property] = text === undefined ? variable.default : variable.read(text);
  }
  values['issuer'] ??= localIssuer(values['port']);
  values['dataDir'] = resolve(String(values['dataDir']));
  return values;
}

/** A free or a wrong port has no address to tell; the wrong one is a fault of its own. */
function localIssuer(port: unknown): string {
  const isReachable = Number.isInteger(port) && Number(port) > 0 && Number(port) <= 65_535;
  return isReachable ? `http://localhost:${String(port)}` : 'http://localhost';
}

function textOf(variable: Variable, variables: Variables, faults: string[]): string | undefined {
  const text = variables[variable.name] || undefined;
  const file = variable.isSecret && variables[`${variable.name}_FILE`];
  if (!file) return text;
  if (text !== undefined) faults.push(`${variable.name} and ${variable.name}_FILE are both set; set one`);
  try {
    // A file made by an editor or by echo ends with a line feed that is no part of the secret.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    faults.push(`${variable.name}_FILE: ${(error as Error).message}`);
    return undefined;
  }
}

function fieldFaults(environment: Environment): string[] {
  return validateSync(environment).map(({ property, constraints = {} }) => {
    const expectations = Object.values(constraints).map((message) => message.replace(new RegExp(`^${property} `), ''));
    return `${variableNameOf(property)} ${expectations.join(', ')}`;
  });
}

function crossFaults(environment: Environment): string[] {
  const { adminUsername, adminPassword } = environment;
  const faults = databaseFaults(environment);
  if ((adminUsername === undefined) !== (adminPassword === undefined)) {
    faults.push('ADMIN_USERNAME and ADMIN_PASSWORD belong together; set both or neither');
  }
  if (adminPassword !== undefined && Array.from(adminPassword).length < environment.passwordMinLength) {
    faults.push('ADMIN_PASSWORD must have at least PASSWORD_MIN_LENGTH characters');
  }
  return [...faults, ...sharedSecretFaults(environment)];
}

function databaseFaults({ databaseUrl, databaseListenUrl }: Environment): string[] {
  const faults = Object.entries({ DATABASE_URL: databaseUrl, DATABASE_LISTEN_URL: databaseListenUrl })
    .filter(([, url]) => url !== undefined && !isAddress(url))
    .map(([name]) => `${name} is no address; percent-encode what is special in its password`);
  if (databaseListenUrl !== undefined && databaseUrl === undefined) {
    faults.push('DATABASE_LISTEN_URL is for the database of DATABASE_URL, which is missing');
  }
  return faults;
}

function sharedSecretFaults({ jwtAlgorithm, jwtSecret, encryptionSecret }: Environment): string[] {
  if (jwtAlgorithm === 'HS256' && jwtSecret === undefined) return ['JWT_SECRET is missing; HS256 needs one'];
  if (jwtAlgorithm !== 'HS256' && jwtSecret !== undefined) return ['JWT_SECRET is for JWT_ALGORITHM=HS256 alone'];
  // Verifiers know the one, and must not be able to read the keys of refresh tokens with it.
  if (jwtSecret !== undefined && jwtSecret === encryptionSecret)
    return ['JWT_SECRET must not be the ENCRYPTION_SECRET'];
  return [];
}

function isAddress(url: string): boolean {
  return URL.canParse(url) && !/%(?![0-9a-f]{2})/i.test(url);
}

function withGeneratedSecret(environment: Environment): Environment {
  if (environment.encryptionSecret) return environment;
  return Object.assign(environment, { encryptionSecret: generatedSecret(environment.dataDir) });
}
