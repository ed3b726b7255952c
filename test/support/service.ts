import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/create-app.js';
import { CommonPasswords } from '../../src/users/common-passwords.js';
import { ApiClient } from './api-client.js';
import { cloneDatabase, type TestDatabase } from './database.js';
import { testEnvironment } from './environment.js';
import { CollectingLogger } from './secrets.js';

/** Recant as `main` makes it, on a free port and a database of its own. Only the process around it is the test's. */
export interface TestService {
  app: NestFastifyApplication;
  api: ApiClient;
  database: TestDatabase;
  stop(): Promise<void>;
}

export async function startService(variables: Record<string, string> = {}, port = 0): Promise<TestService> {
  return startServiceOn(await cloneDatabase(), variables, port);
}

/** Likewise, on a database that the test has made, and that is gone when the service stops. */
export async function startServiceOn(
  database: TestDatabase,
  variables: Record<string, string>,
  port = 0,
): Promise<TestService> {
  const app = await createApp(testEnvironment(variables), database.url, new CollectingLogger());
  await app.listen(port, '127.0.0.1');
  // As `main` does: most of a second, once for a process, in which no request is served.
  await app.get(CommonPasswords).load();
  const api = await ApiClient.for(await app.getUrl());
  return {
    app,
    api,
    database,
    stop: async () => {
      await app.close();
      await database.drop();
    },
  };
}

/** A service under the address that its tokens and its metadata name, as clients find it in the world. */
export async function startServiceAtIssuer(variables: Record<string, string> = {}): Promise<TestService> {
  const port = await freePort();
  return startService({ ...variables, ISSUER: `http://127.0.0.1:${port}` }, port);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
