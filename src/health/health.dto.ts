import { ApiProperty } from '@nestjs/swagger';

export class HealthDto {
  @ApiProperty({ example: 'ok' })
  status: string;
}

/** Of the feed by which this instance hears of revocations. */
export class FeedDto {
  @ApiProperty({
    description: 'Whether revocations are looked up in memory; if not, the database is asked.',
    example: true,
  })
  in_sync: boolean;

  @ApiProperty({ description: 'Milliseconds since the last proof that nothing is missing in memory.', example: 260 })
  age_ms: number;
}

export class ReadyDto extends HealthDto {
  @ApiProperty({ type: FeedDto })
  feed: FeedDto;
}
