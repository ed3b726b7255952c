import { Module } from '@nestjs/common';
import { RateLimitPurgeRepository } from './rate-limit-purge.repository.js';
import { RateLimiter } from './rate-limiter.service.js';

/** How often what may be tried, in the database, for all instances together. */
@Module({
  providers: [RateLimiter, RateLimitPurgeRepository],
  exports: [RateLimiter, RateLimitPurgeRepository],
})
export class RateLimitModule {}
