import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, Matches, ValidateIf } from 'class-validator';

const ROLE_PATTERN = /^[a-z][a-z0-9_-]{0,31}$/;

// Unlike @IsOptional(), which would also let null through.
const IfSent = (name: keyof UserChangesDto) => ValidateIf((dto: UserChangesDto) => dto[name] !== undefined);

export class UserChangesDto {
  @ApiPropertyOptional({ example: true, description: 'Whether the user is kept from logging in.' })
  @IfSent('disabled')
  @IsBoolean({ message: 'disabled must be true or false' })
  disabled?: boolean;

  @ApiPropertyOptional({
    type: [String],
    maxItems: 20,
    uniqueItems: true,
    example: ['editor'],
    description: 'All roles from now on. To lose one ends everything that was issued to the user.',
  })
  @IfSent('roles')
  @IsArray({ message: 'roles must be a list' })
  @ArrayMaxSize(20, { message: 'roles must be at most 20' })
  @ArrayUnique({ message: 'roles must not name one twice' })
  @Matches(ROLE_PATTERN, { each: true, message: 'each role must be 1 to 32 of a-z 0-9 _ -, a letter first' })
  roles?: string[];
}
