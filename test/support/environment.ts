import { randomBytes } from 'node:crypto';
import { type Environment } from '../../src/config/environment.js';
import { readEnvironment } from '../../src/config/read-environment.js';
import { knownSecrets } from './secrets.js';

type Variables = Record<string, string>;

const SECRET_VARIABLES = [
  'ENCRYPTION_SECRET',
  'ENCRYPTION_SECRET_PREVIOUS',
  'JWT_SECRET',
  'PASSWORD_PEPPER',
  'PASSWORD_PEPPER_PREVIOUS',
  'ADMIN_PASSWORD',
];

/** What the service reads in tests, unless a test says otherwise. */
export function testVariables(changes: Variables = {}): Variables {
  const variables: Variables = {
    NODE_ENV: 'test',
    PORT: '0',
    ISSUER: 'http://recant.test',
    ENCRYPTION_SECRET: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'fatal',
    // Whole files of tests come from one address.
    RATE_LIMIT_ENABLED: 'false',
    ...changes,
  };
  for (const name of SECRET_VARIABLES) knownSecrets.note(variables[name]);
  return variables;
}

export function testEnvironment(changes: Variables = {}): Environment {
  return readEnvironment(testVariables(changes));
}
