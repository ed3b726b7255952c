import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../metrics/metrics.js';
import { RevocationFeed } from './revocation-feed.service.js';
import { RevocationMemory } from './revocation-memory.js';

/** Shows whether memory is true, and how old the proof of it is. */
@Injectable()
export class FeedMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly feed: RevocationFeed,
    private readonly memory: RevocationMemory,
  ) {}

  onModuleInit(): void {
    this.metrics.offer('recant_feed_age_seconds', () => this.feed.ageMs() / 1000);
    this.metrics.offer('recant_feed_in_sync', () => Number(this.feed.isInSync()));
    this.metrics.offer('recant_revocations_in_memory', () => this.memory.size);
  }
}
