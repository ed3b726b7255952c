import { Injectable } from '@nestjs/common';
import { KeyWatch } from './keys/key-watch.js';
import { RevocationFeed } from './revocation/revocation-feed.service.js';
import { RevocationService } from './revocation/revocation.service.js';

/**
 * What has to be done before the first token is issued or checked. Only by the service: a command line tool that is
 * started with another configuration must leave no trace of it.
 */
@Injectable()
export class TokensStart {
  constructor(
    private readonly keys: KeyWatch,
    private readonly revocations: RevocationService,
    private readonly feed: RevocationFeed,
  ) {}

  /** @throws ConfigurationError when the signing keys cannot be decrypted; an error when the database cannot be heard. */
  async prepare(): Promise<void> {
    await this.revocations.rememberLifetimes();
    await this.keys.start();
    await this.feed.start();
  }
}
