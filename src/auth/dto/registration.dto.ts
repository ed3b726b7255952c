import { ApiProperty } from '@nestjs/swagger';
import { IsNewPassword } from '../../users/dto/is-new-password.js';
import { IsNewUsername } from '../../users/dto/is-new-username.js';
import { USERNAME_PATTERN } from '../../users/username.js';
import { IsResource } from './is-resource.js';

export class RegistrationDto {
  @ApiProperty({
    pattern: USERNAME_PATTERN.source,
    example: 'alice',
    description: 'Unique without regard to case. Not one that is reserved for administrators, as `admin` is.',
  })
  @IsNewUsername()
  username: string;

  @ApiProperty({
    minLength: 8,
    maxLength: 256,
    example: 'correct horse battery staple',
    description:
      'Taken exactly as sent. `PASSWORD_MIN_LENGTH` may ask for more than 8 characters. Not a common password, nor one that contains the username.',
  })
  @IsNewPassword()
  password: string;

  @IsResource()
  resource?: string;
}
