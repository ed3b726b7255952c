import { ApiProperty } from '@nestjs/swagger';
import {
  type Revocation,
  type RevocationLevel,
  NO_TARGET,
  REVOCATION_LEVELS,
} from '../../../tokens/revocation/revocation.entity.js';
import { type RevocationPage } from '../../../tokens/revocation/revocation-record.repository.js';
import { writeCursor } from '../revocation-cursor.js';

/** What is forbidden, since when, for how long it has to be, and why. */
export class RevocationRecordDto {
  @ApiProperty({ enum: REVOCATION_LEVELS, example: 'session' })
  level: RevocationLevel;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'uuid',
    example: '8c1f4a3e-0d5b-4f0e-9a86-3f6f6a6f1b7d',
    description: 'The `jti`, `sid` or `sub`; null for level `all`.',
  })
  id: string | null;

  @ApiProperty({ example: 'laptop was stolen', description: 'One of our own words, or what an administrator wrote.' })
  reason: string;

  @ApiProperty({
    format: 'date-time',
    example: '2026-01-01T12:00:00.000Z',
    description: 'Of the levels `user` and `all`: everything issued until then is forbidden.',
  })
  created_at: string;

  @ApiProperty({
    format: 'date-time',
    example: '2026-01-31T12:00:05.000Z',
    description: 'When the last token that it forbids has expired.',
  })
  expires_at: string;

  static of({ level, target, reason, createdAt, expiresAt }: Revocation): RevocationRecordDto {
    return {
      level,
      id: target === NO_TARGET && level === 'all' ? null : target,
      reason,
      created_at: createdAt.toISOString(),
      expires_at: expiresAt.toISOString(),
    };
  }
}

export class RevocationRecordListDto {
  @ApiProperty({ type: [RevocationRecordDto] })
  records: RevocationRecordDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: null,
  })
  next_cursor: string | null;

  static of({ records, next }: RevocationPage): RevocationRecordListDto {
    return { records: records.map((record) => RevocationRecordDto.of(record)), next_cursor: next && writeCursor(next) };
  }
}
