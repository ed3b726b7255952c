import { randomBytes } from 'node:crypto';
import { type Environment } from '../../src/config/environment.js';
import { readEnvironment } from '../../src/config/read-environment.js';

type Variables = Record<string, string>;

/** What the service reads in tests, unless a test says otherwise. */
export function testVariables(changes: Variables = {}): Variables {
  return {
    NODE_ENV: 'test',
    PORT: '0',
    ISSUER: 'http://recant.test',
    ENCRYPTION_SECRET: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'fatal',
    // Whole files of tests come from one address.
    RATE_LIMIT_ENABLED: 'false',
    ...changes,
  };
}

export function testEnvironment(changes: Variables = {}): Environment {
  return readEnvironment(testVariables(changes));
}
