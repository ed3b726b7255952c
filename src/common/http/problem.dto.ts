import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { errorCatalog } from '../errors/error-catalog.js';

export class FieldErrorDto {
  @ApiProperty({ example: 'username' })
  field: string;

  @ApiProperty({ example: 'username must be 1 to 120 of the characters A-Z a-z 0-9 . _ @ + -' })
  message: string;
}

/** The one shape of a refusal (RFC 9457). */
export class ProblemDto {
  @ApiProperty({ example: 'urn:recant:error:invalid_token', description: 'Identifies the kind of problem.' })
  type: string;

  @ApiProperty({ example: 'Unauthorized' })
  title: string;

  @ApiProperty({ type: 'integer', example: 401 })
  status: number;

  @ApiProperty({ example: errorCatalog.invalid_token.detail })
  detail: string;

  @ApiProperty({ enum: Object.keys(errorCatalog), example: 'invalid_token', description: 'For programs.' })
  code: string;

  @ApiProperty({ example: errorCatalog.invalid_token.detail, description: 'The same text as `detail`.' })
  message: string;

  @ApiPropertyOptional({ type: [FieldErrorDto], description: 'The fields that were wrong, when that was the problem.' })
  errors?: FieldErrorDto[];
}
