import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { type KeyPurpose, SigningKeyRow } from './signing-key.entity.js';

/** Any number that nothing else in the database locks: "keys" in ASCII. */
const KEYS_LOCK = 0x6b657973;

@Injectable()
export class SigningKeyRepository {
  constructor(@InjectRepository(SigningKeyRow) private readonly keys: Repository<SigningKeyRow>) {}

  findAll(): Promise<SigningKeyRow[]> {
    return this.keys.find({ order: { createdAt: 'ASC', kid: 'ASC' } });
  }

  /** Whether there is a key for a purpose, asked under a lock, so that of instances that start at once one makes it. */
  async lockAndFindPurpose(purpose: KeyPurpose, tx: EntityManager): Promise<boolean> {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [KEYS_LOCK]);
    return tx.getRepository(SigningKeyRow).existsBy({ purpose });
  }

  async insert(key: Omit<SigningKeyRow, 'createdAt'>, tx: EntityManager): Promise<void> {
    await tx.getRepository(SigningKeyRow).insert(key);
  }
}
