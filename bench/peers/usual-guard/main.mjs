// The usual way to take tokens back, on the same framework and the same HTTP server: passport-jwt on each request, and a
// blocklist in the same PostgreSQL. No header fields beyond Nest's own, which is to its advantage.
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Blocklist } from './blocklist.mjs';
import { decorated, decorateMethod } from './decorated.mjs';
import { JwtStrategy } from './jwt.strategy.mjs';

class SecretController {
  read() {
    return { answer: 'You are accessing super secret blueprint' };
  }
}
decorated(SecretController, Controller('secret'));
decorateMethod(SecretController, 'read', Get(), UseGuards(AuthGuard('jwt')));

class AppModule {}
const options = { provide: 'options', useValue: JSON.parse(process.argv[2]) };
decorated(AppModule, Module({ controllers: [SecretController], providers: [options, Blocklist, JwtStrategy] }));

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
console.log(await app.getUrl());
process.on('SIGTERM', () => void app.close());
