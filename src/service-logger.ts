import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { type Environment, LOG_LEVELS } from './config/environment.js';

/** Nest's word for each of ours, the most severe first. */
const nestLevels: Record<(typeof LOG_LEVELS)[number], LogLevel> = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  info: 'log',
  debug: 'debug',
};

/** Nest's accounts of its own wiring: sixty lines at every start that tell an operator nothing. */
const wiring = new Set(['InstanceLoader', 'NestFactory', 'RouterExplorer', 'RoutesResolver', 'NestApplication']);

/** Lines for people in development, JSON for machines in production. */
export class ServiceLogger extends ConsoleLogger {
  constructor({ logLevel, isProduction }: Pick<Environment, 'logLevel' | 'isProduction'>) {
    const logLevels = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(logLevel) + 1).map((level) => nestLevels[level]);
    super({ logLevels, json: isProduction, prefix: 'Recant', timestamp: false });
  }

  /** What ends the start is told once, by `main`, in words for who started it. */
  override error(message: unknown, ...optionalParams: unknown[]): void {
    if (optionalParams.at(-1) !== 'ExceptionHandler') super.error(message, ...(optionalParams as [string]));
  }

  override log(message: unknown, ...optionalParams: unknown[]): void {
    if (wiring.has(String(optionalParams.at(-1)))) this.debug(message, ...(optionalParams as [string]));
    else super.log(message, ...(optionalParams as [string]));
  }
}
