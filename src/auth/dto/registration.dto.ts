import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsNewPassword } from '../../users/dto/is-new-password.js';
import { USERNAME_PATTERN, USERNAME_RULE } from '../../users/username.js';
import { IsResource } from './is-resource.js';

export class RegistrationDto {
  @ApiProperty({ pattern: USERNAME_PATTERN.source, example: 'alice', description: 'Unique without regard to case.' })
  @Matches(USERNAME_PATTERN, { message: USERNAME_RULE })
  username: string;

  @ApiProperty({
    minLength: 8,
    maxLength: 256,
    example: 'correct horse battery staple',
    description: 'Taken exactly as sent. `PASSWORD_MIN_LENGTH` may ask for more than 8 characters.',
  })
  @IsNewPassword()
  password: string;

  @IsResource()
  resource?: string;
}
