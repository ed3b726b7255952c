import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TokenGuard, TokenVerifierModule } from '@recant/token-verifier/nestjs';
import { verifierOptions } from './environment.js';
import { HealthController } from './health.controller.js';
import { OrdersController } from './orders.controller.js';

@Module({
  imports: [TokenVerifierModule.forRootAsync({ useFactory: verifierOptions })],
  controllers: [OrdersController, HealthController],
  // Every route is closed that is not @Public().
  providers: [{ provide: APP_GUARD, useExisting: TokenGuard }],
})
export class AppModule {}
