import { Injectable } from '@nestjs/common';
import { type Origin } from '../../audit/origin.js';
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

  async rotate(by: Origin): Promise<RingKey[]> {
    await this.rotation.rotate(by);
    return this.look();
  }

  /** @throws AuthError `key_not_found`. */
  async forbid(kid: string, by: Origin): Promise<RingKey[]> {
    await this.rotation.forbid(kid, by);
    return this.look();
  }

  private async look(): Promise<RingKey[]> {
    await this.watch.look();
    return this.list();
  }
}
