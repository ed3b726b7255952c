import { DEFAULT_LIMIT, IsCursor, IsLimit } from '../../../common/http/page-query.js';
import { ROW_CURSOR_PATTERN } from '../../../common/row-cursor.js';

export class ClientQueryDto {
  @IsLimit('Clients')
  limit = DEFAULT_LIMIT;

  @IsCursor(ROW_CURSOR_PATTERN)
  cursor?: string;
}
