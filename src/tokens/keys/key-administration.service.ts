import { Injectable } from '@nestjs/common';
import { KeyRotation } from './key-rotation.service.js';
import { KeyWatch } from './key-watch.js';
import { type RingKey } from './ring-key.js';
import { SigningKeyRepository } from './signing-key.repository.js';

/** What people do about keys. What it answers as done, this instance has seen; the others see it within a second. */
@Injectable()
export class KeyAdministration {
  constructor(
    private readonly repository: SigningKeyRepository,
    private readonly rotation: KeyRotation,
    private readonly watch: KeyWatch,
  ) {}

  list(): Promise<RingKey[]> {
    return this.repository.findAll();
  }

  async rotate(): Promise<RingKey[]> {
    await this.rotation.rotate();
    return this.look();
  }

  /** @throws AuthError `key_not_found`. */
  async forbid(kid: string): Promise<RingKey[]> {
    await this.rotation.forbid(kid);
    return this.look();
  }

  private async look(): Promise<RingKey[]> {
    await this.watch.look();
    return this.list();
  }
}
