import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { ConfigurationError } from '../../config/configuration-error.js';
import { KeyRing } from './key-ring.service.js';
import { KeyRotation } from './key-rotation.service.js';
import { isUsable, type RingKey } from './ring-key.js';

/** Milliseconds between two looks at the ring: an instance follows what another one did in half a second. */
const INTERVAL_MS = 500;

/** Reads the ring at the start and twice a second, and has it tidied when a key has taken over or is gone. */
@Injectable()
export class KeyWatch implements OnModuleDestroy {
  private readonly logger = new Logger('Keys');
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isStopped = false;
  private lastFault: string | null = null;

  constructor(
    private readonly ring: KeyRing,
    private readonly rotation: KeyRotation,
  ) {}

  /**
   * When the service starts, and no command line tool: those must not bring the ring in line with a configuration that
   * may not be the service's.
   *
   * @throws ConfigurationError when a key cannot be decrypted; nothing was written then.
   */
  async start(): Promise<void> {
    // Read before anything is made: with a wrong secret nothing may be written beside the keys that cannot be read.
    const { ring, unreadable } = await this.ring.load();
    if (unreadable.length > 0) throw new ConfigurationError([faultOf(unreadable, ring)]);
    await this.ring.renewEncryption();
    await this.rotation.followConfiguration();
    await this.ring.load();
    this.lookLater();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /**
   * Looks at once: who has changed the ring must see it with its own next request. Never rejects. A fault is told once,
   * and its end; with the keys that it has, the instance goes on.
   */
  async look(): Promise<void> {
    const fault = await this.followRing().catch((error: Error) => error.message);
    if (fault !== null && fault !== this.lastFault) this.logger.error(`The signing keys cannot be read: ${fault}`);
    if (fault === null && this.lastFault !== null) this.logger.log('The signing keys can be read again.');
    this.lastFault = fault;
  }

  private lookLater(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => this.lookLater());
    }, INTERVAL_MS).unref();
  }

  /** Answers what is wrong with the ring, in words for the operator of a service that runs. */
  private async followRing(): Promise<string | null> {
    let { ring, unreadable } = await this.ring.load();
    if (this.rotation.isUntidy(ring)) {
      await this.rotation.tidy();
      ({ ring, unreadable } = await this.ring.load());
    }
    if (unreadable.length > 0) return faultOf(unreadable, ring);
    await this.ring.renewEncryption();
    return null;
  }
}

function faultOf(unreadable: string[], ring: RingKey[]): string {
  const [kid] = unreadable;
  if (unreadable.length === ring.filter(isUsable).length) {
    return `ENCRYPTION_SECRET is not the one under which this database's signing key ${kid} was encrypted; nothing was changed`;
  }
  return `The signing key ${kid} cannot be decrypted, though others can: ENCRYPTION_SECRET_PREVIOUS has to be the secret that it was encrypted under; nothing was changed`;
}
