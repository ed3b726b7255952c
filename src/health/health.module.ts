import { Module } from '@nestjs/common';
import { TokensModule } from '../tokens/tokens.module.js';
import { HealthController } from './health.controller.js';

@Module({ imports: [TokensModule], controllers: [HealthController] })
export class HealthModule {}
