import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { type Environment } from './config/environment.js';
import { joinDatabase } from './database/database-connection.js';

/** For command line tools: the application without its HTTP, over the database of a service that may be running meanwhile. */
export async function withApplication<T>(
  environment: Environment,
  work: (app: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const database = await joinDatabase(environment, () => undefined);
  try {
    const app = await NestFactory.createApplicationContext(AppModule.with(environment, database.url), {
      logger: false,
      abortOnError: false,
    });
    try {
      return await work(app);
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}
