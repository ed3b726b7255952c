import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { DEFAULT_LIMIT, IsCursor, IsLimit } from '../../common/http/page-query.js';
import { ROW_CURSOR_PATTERN } from '../../common/row-cursor.js';

export class UserQueryDto {
  @ApiPropertyOptional({ description: 'A part of the name, without regard to case.', example: 'ali', maxLength: 120 })
  @IsOptional()
  @Matches(/^[A-Za-z0-9._@+-]{1,120}$/, { message: 'search must be 1 to 120 of the characters A-Z a-z 0-9 . _ @ + -' })
  search?: string;

  @IsLimit('Users')
  limit = DEFAULT_LIMIT;

  @IsCursor(ROW_CURSOR_PATTERN)
  cursor?: string;
}
