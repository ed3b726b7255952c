import { randomBytes } from 'node:crypto';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/create-app.js';
import { ApiClient } from './api-client.js';
import { cloneDatabase, type TestDatabase } from './database.js';
import { testEnvironment } from './environment.js';
import { CollectingLogger } from './secrets.js';
import { type TestService } from './service.js';

/** The service, stopped and started again on the same database with the same secret. The process stays. */
export class Restartable {
  private app: NestFastifyApplication | undefined;

  private constructor(
    readonly database: TestDatabase,
    readonly encryptionSecret: string,
  ) {}

  static async create(): Promise<Restartable> {
    return new Restartable(await cloneDatabase(), randomBytes(32).toString('base64'));
  }

  /** Stops the service that runs, if one does, and starts the next. */
  async restart(variables: Record<string, string> = {}): Promise<TestService> {
    await this.stop();
    const environment = testEnvironment({ ENCRYPTION_SECRET: this.encryptionSecret, ...variables });
    const app = await createApp(environment, this.database.url, new CollectingLogger());
    this.app = app;
    await app.listen(0, '127.0.0.1');
    const api = await ApiClient.for(await app.getUrl());
    return { app, api, database: this.database, stop: () => this.stop() };
  }

  async stop(): Promise<void> {
    await this.app?.close();
    this.app = undefined;
  }

  async end(): Promise<void> {
    await this.stop();
    await this.database.drop();
  }
}
