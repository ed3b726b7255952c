import { IsCursor, IsLimit } from '../../../common/http/page-query.js';
import { FEED_CURSOR_PATTERN } from '../feed-cursor.js';

/** Records on a page: a million of them are read in as many requests as have small answers. */
const DEFAULT_LIMIT = 1_000;

/** About a megabyte. */
const MAX_LIMIT = 10_000;

export class FeedQueryDto {
  @IsLimit('Records', DEFAULT_LIMIT, MAX_LIMIT)
  limit = DEFAULT_LIMIT;

  @IsCursor(FEED_CURSOR_PATTERN)
  cursor?: string;
}
