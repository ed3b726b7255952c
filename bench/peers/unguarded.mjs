// The service as it is, with its guards taken out before it is put together: no decorator that would be asked on each
// request whether the route is public, nothing. Everything else, from the hooks to the header fields, is the service's.
import { APP_GUARD } from '@nestjs/core';
import { AuthModule } from '../../dist/auth/auth.module.js';
import { readEnvironment } from '../../dist/config/read-environment.js';
import { createApp } from '../../dist/create-app.js';
import { ServiceLogger } from '../../dist/service-logger.js';

const guarded = Reflect.getMetadata('providers', AuthModule);
const unguarded = guarded.filter(({ provide }) => provide !== APP_GUARD);
if (unguarded.length === guarded.length) throw new Error('the guards are not where they were');
Reflect.defineMetadata('providers', unguarded, AuthModule);

const environment = readEnvironment();
const app = await createApp(environment, environment.databaseUrl, new ServiceLogger(environment));
await app.listen(environment.port, environment.host);
console.log(await app.getUrl());
process.on('SIGTERM', () => void app.close());
