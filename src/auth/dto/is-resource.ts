import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Length, ValidateIf } from 'class-validator';

/** The `resource` of RFC 8707. Whether it is an audience that may be asked for is the token service's to say. */
export const IsResource = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      minLength: 1,
      maxLength: 255,
      example: 'recant',
      description: 'The one service that the tokens are to be for: a name of `AUDIENCE`. Without it, for all of them.',
    }),
    // Unlike @IsOptional(), which would also let null through.
    ValidateIf((dto: { resource?: unknown }) => dto.resource !== undefined),
    Length(1, 255, { message: 'resource must be 1 to 255 characters' }),
  );
