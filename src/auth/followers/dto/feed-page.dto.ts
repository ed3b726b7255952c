import { ApiProperty } from '@nestjs/swagger';
import { FeedRecordDto } from './feed-record.dto.js';

export class FeedPageDto {
  @ApiProperty({
    type: 'integer',
    example: 4711,
    description: 'All pages together have everything up to this number. Follow the stream with it as `Last-Event-ID`.',
  })
  number: number;

  @ApiProperty({ type: [FeedRecordDto] })
  revocations: FeedRecordDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: null,
  })
  next_cursor: string | null;
}
