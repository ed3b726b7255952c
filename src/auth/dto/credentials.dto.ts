import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsPasswordText } from '../../users/dto/is-password-text.js';
import { USERNAME_PATTERN, USERNAME_RULE } from '../../users/username.js';

export class CredentialsDto {
  @ApiProperty({ pattern: USERNAME_PATTERN.source, example: 'alice', description: 'Unique without regard to case.' })
  @Matches(USERNAME_PATTERN, { message: USERNAME_RULE })
  username: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 256,
    example: 'correct horse battery staple',
    description: 'Taken exactly as sent. Registration asks for at least `PASSWORD_MIN_LENGTH` characters (8).',
  })
  @IsPasswordText()
  password: string;
}
