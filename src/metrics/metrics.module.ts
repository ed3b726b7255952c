import { type DynamicModule, Module } from '@nestjs/common';
import { type Environment } from '../config/environment.js';
import { Metrics } from './metrics.js';
import { MetricsController } from './metrics.controller.js';

/** Counting for every module, and the route that shows it. */
@Module({})
export class MetricsModule {
  static with({ metricsEnabled }: Environment): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      controllers: metricsEnabled ? [MetricsController] : [],
      providers: [Metrics],
      exports: [Metrics],
    };
  }
}
