import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { KeyRing } from './key-ring.service.js';
import { KeyRotation } from './key-rotation.service.js';

/** Milliseconds between two looks at the ring: an instance follows what another one did in half a second. */
const INTERVAL_MS = 500;

/** Reads the ring at the start and twice a second, and has it tidied when a key has taken over or is gone. */
@Injectable()
export class KeyWatch implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Keys');
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isStopped = false;
  private lastFault: string | null = null;

  constructor(
    private readonly ring: KeyRing,
    private readonly rotation: KeyRotation,
  ) {}

  async onModuleInit(): Promise<void> {
    // Read before anything is made: with a wrong secret nothing may be written beside the keys that cannot be read.
    await this.ring.load();
    await this.rotation.followConfiguration();
    await this.ring.load();
    this.lookLater();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /** Also for who has changed the ring: its own next request has to see it. */
  async look(): Promise<void> {
    if (!this.rotation.isUntidy(await this.ring.load())) return;
    await this.rotation.tidy();
    await this.ring.load();
  }

  private lookLater(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.lookAndTell().finally(() => this.lookLater());
    }, INTERVAL_MS).unref();
  }

  /** A fault is told once, and its end; with the keys that it has, the instance goes on. */
  private async lookAndTell(): Promise<void> {
    try {
      await this.look();
      if (this.lastFault !== null) this.logger.log('The signing keys can be read again.');
      this.lastFault = null;
    } catch (error) {
      const fault = (error as Error).message;
      if (fault !== this.lastFault) this.logger.warn(`The signing keys cannot be read: ${fault}`);
      this.lastFault = fault;
    }
  }
}
