import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { ROW_CURSOR_PATTERN } from '../../common/row-cursor.js';

export class UserQueryDto {
  @ApiPropertyOptional({ description: 'A part of the name, without regard to case.', example: 'ali', maxLength: 120 })
  @IsOptional()
  @Matches(/^[A-Za-z0-9._@+-]{1,120}$/, { message: 'search must be 1 to 120 of the characters A-Z a-z 0-9 . _ @ + -' })
  search?: string;

  @ApiPropertyOptional({ description: 'Users on a page.', minimum: 1, maximum: 200, default: 50, type: 'integer' })
  @IsOptional()
  // Digits alone: `Number` also reads `1e2`, `0x10` and blanks.
  @Transform(({ value }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : value))
  @IsInt({ message: 'limit must be a whole number' })
  @Min(1)
  @Max(200)
  limit = 50;

  @ApiPropertyOptional({ description: 'The `next_cursor` of the page before.' })
  @IsOptional()
  @Matches(ROW_CURSOR_PATTERN, { message: 'cursor must be the next_cursor of an earlier answer' })
  cursor?: string;
}
