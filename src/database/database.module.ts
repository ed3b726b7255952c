import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Environment } from '../config/environment.js';
import { dataSourceOptions, migrationOptions } from './data-source-options.js';
import { DatabaseProbe } from './database-probe.js';
import { migrate } from './migrate.js';
import { PostgresListener } from './postgres-listener.js';
import { Transactions } from './transactions.js';

/** The one data source, migrated before anything asks it. */
@Module({})
export class DatabaseModule {
  static with(url: string): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Environment],
          useFactory: (environment: Environment) => ({
            ...dataSourceOptions(url, environment),
            autoLoadEntities: true,
            // A database that is not there is said at once; who starts the service decides how often to try.
            toRetry: () => false,
          }),
          dataSourceFactory: (options) => openDataSource(options!),
        }),
      ],
      providers: [
        Transactions,
        Clock,
        DatabaseProbe,
        {
          provide: PostgresListener,
          inject: [Environment],
          useFactory: (environment: Environment) =>
            new PostgresListener(environment.databaseListenUrl ?? url, environment),
        },
      ],
      exports: [Transactions, DatabaseProbe, PostgresListener],
    };
  }
}

async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const migrating = await new DataSource(migrationOptions(options)).initialize();
  try {
    await migrate(migrating);
  } finally {
    await migrating.destroy();
  }
  return new DataSource(options).initialize();
}
