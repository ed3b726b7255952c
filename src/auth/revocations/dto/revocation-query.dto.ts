import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { DEFAULT_LIMIT, IsCursor, IsLimit } from '../../../common/http/page-query.js';
import { type RevocationLevel, REVOCATION_LEVELS } from '../../../tokens/revocation/revocation.entity.js';
import { CURSOR_PATTERN } from '../revocation-cursor.js';

export class RevocationQueryDto {
  @ApiPropertyOptional({ enum: REVOCATION_LEVELS, description: 'Records of this level alone.' })
  @IsOptional()
  @IsIn(REVOCATION_LEVELS, { message: `level must be one of ${REVOCATION_LEVELS.join(', ')}` })
  level?: RevocationLevel;

  @IsLimit('Records')
  limit = DEFAULT_LIMIT;

  @IsCursor(CURSOR_PATTERN)
  cursor?: string;
}
