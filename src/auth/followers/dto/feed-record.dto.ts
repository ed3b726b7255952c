import { type RevocationRecord } from '@recant/revocation-set';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { REVOCATION_LEVELS } from '../../../tokens/revocation/revocation.entity.js';

const FEED_LEVELS = [...REVOCATION_LEVELS, 'key'] as const satisfies readonly RevocationRecord['level'][];

/** A revocation, as much of it as a verifier has to know. */
export class FeedRecordDto {
  @ApiProperty({
    enum: FEED_LEVELS,
    example: 'user',
    description: 'What it forbids. A level that you do not know may mean any token.',
  })
  level: RevocationRecord['level'];

  @ApiPropertyOptional({
    example: '8c1f4a3e-0d5b-4f0e-9a86-3f6f6a6f1b7d',
    description: 'The `jti`, `sid`, `sub` or `kid` that is forbidden; absent for `all`.',
  })
  id?: string;

  @ApiPropertyOptional({
    type: 'integer',
    example: 90,
    description:
      'Tokens whose `seq` is lower are forbidden; without it, whatever has the id. Only of `user` and `all`.',
  })
  cutoff?: number;

  @ApiProperty({
    type: 'integer',
    example: 1_790_000_000,
    description:
      'When the last token that it forbids has expired, leeway included, in seconds since 1970: forget it then.',
  })
  exp: number;
}
