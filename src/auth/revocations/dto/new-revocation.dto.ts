import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, ValidateBy, ValidateIf } from 'class-validator';
import { isLineOfText, lineOfTextRule } from '../../../common/line-of-text.js';
import { type RevocationLevel, REVOCATION_LEVELS } from '../../../tokens/revocation/revocation.entity.js';
import { IsTarget } from './is-target.js';

const MAX_REASON_LENGTH = 200;

export class NewRevocationDto {
  @ApiProperty({ enum: REVOCATION_LEVELS, example: 'session' })
  @IsIn(REVOCATION_LEVELS, { message: `level must be one of ${REVOCATION_LEVELS.join(', ')}` })
  level: RevocationLevel;

  @ApiPropertyOptional({
    format: 'uuid',
    example: '8c1f4a3e-0d5b-4f0e-9a86-3f6f6a6f1b7d',
    description: 'The `jti` of a token, the `sid` of a session, the `sub` of a user or a client; none for `all`.',
  })
  // UUIDs are read in any case and written in the lower one (RFC 9562 §4).
  @Transform(({ value }) => (typeof value === 'string' ? value.toLowerCase() : (value as unknown)))
  @IsTarget()
  id?: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: MAX_REASON_LENGTH,
    default: 'administrator',
    example: 'laptop was stolen',
    description: 'For people; no control or format characters.',
  })
  // Unlike @IsOptional(), which would also let null through.
  @ValidateIf((dto: NewRevocationDto) => dto.reason !== undefined)
  @ValidateBy({
    name: 'isReason',
    validator: {
      validate: (value) => isLineOfText(value, MAX_REASON_LENGTH),
      defaultMessage: () => lineOfTextRule('reason', MAX_REASON_LENGTH),
    },
  })
  reason?: string;
}
