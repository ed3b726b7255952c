import { ApiProperty } from '@nestjs/swagger';

export class HealthDto {
  @ApiProperty({ example: 'ok' })
  status: string;
}

export class CheckDto {
  @ApiProperty({ enum: ['up', 'degraded'], example: 'up' })
  status: string;
}

/** Of the feed by which this instance hears of revocations. */
export class FeedCheckDto extends CheckDto {
  @ApiProperty({
    description: 'Whether revocations are looked up in memory; if not, the database is asked.',
    example: true,
  })
  in_sync: boolean;

  @ApiProperty({ description: 'Milliseconds since the last proof that nothing is missing in memory.', example: 260 })
  age_ms: number;
}

export class ReadyChecksDto {
  @ApiProperty({ type: CheckDto, description: 'Whether the database answers.' })
  database: CheckDto;

  @ApiProperty({ type: CheckDto, description: 'Whether it has the schema that this instance needs.' })
  migrations: CheckDto;

  @ApiProperty({ type: CheckDto, description: 'Whether its clock is within 2 s of that of this instance.' })
  clock: CheckDto;

  @ApiProperty({ type: CheckDto, description: 'Whether there are keys to sign with.' })
  keys: CheckDto;

  @ApiProperty({ type: FeedCheckDto })
  feed: FeedCheckDto;
}

export class ReadyDto {
  @ApiProperty({
    enum: ['ok', 'degraded'],
    description: '`degraded` when it serves, and more slowly than it should: out of sync.',
    example: 'ok',
  })
  status: string;

  @ApiProperty({ type: ReadyChecksDto })
  details: ReadyChecksDto;
}
