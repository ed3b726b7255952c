import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ClientsService } from '../../clients/clients.service.js';
import { type Follower } from './follower.js';
import { FollowerHub } from './follower-hub.service.js';
import { isBySecret, type SecretRight } from './follower-right.js';

/** Milliseconds between two looks at the secrets. Deleting a client is told by the feed, and takes none of them. */
const INTERVAL_MS = 5_000;

type SecretFollower = Follower & { right: SecretRight };

/** Asks again whether the secrets count by which clients follow, and the scope that they had: all in one query. */
@Injectable()
export class SecretCheck implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Followers');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly hub: FollowerHub,
    private readonly clients: ClientsService,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.look(), INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Ends those whose right is gone. Without an answer nobody: the feed says when nothing can be known any more. */
  async look(): Promise<void> {
    const followers = [...this.hub.all].filter((follower): follower is SecretFollower => isBySecret(follower.right));
    if (followers.length === 0) return;
    try {
      const proofs = followers.map((follower) => ({ ...follower.right.proof, follower }));
      const lapsed = await this.clients.lapsed(proofs, 'revocations:read');
      for (const { follower } of lapsed) this.hub.end(follower, 'invalid_client');
    } catch (error) {
      this.logger.debug(`The secrets of followers could not be looked at: ${(error as Error).message}`);
    }
  }
}
