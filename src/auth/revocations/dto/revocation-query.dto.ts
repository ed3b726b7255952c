import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { type RevocationLevel, REVOCATION_LEVELS } from '../../../tokens/revocation/revocation.entity.js';
import { CURSOR_PATTERN } from '../revocation-cursor.js';

export class RevocationQueryDto {
  @ApiPropertyOptional({ enum: REVOCATION_LEVELS, description: 'Records of this level alone.' })
  @IsOptional()
  @IsIn(REVOCATION_LEVELS, { message: `level must be one of ${REVOCATION_LEVELS.join(', ')}` })
  level?: RevocationLevel;

  @ApiPropertyOptional({ description: 'Records on a page.', minimum: 1, maximum: 200, default: 50, type: 'integer' })
  @IsOptional()
  // Digits alone: `Number` also reads `1e2`, `0x10` and blanks.
  @Transform(({ value }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : value))
  @IsInt({ message: 'limit must be a whole number' })
  @Min(1)
  @Max(200)
  limit = 50;

  @ApiPropertyOptional({ description: 'The `next_cursor` of the page before.' })
  @IsOptional()
  @Matches(CURSOR_PATTERN, { message: 'cursor must be the next_cursor of an earlier answer' })
  cursor?: string;
}
