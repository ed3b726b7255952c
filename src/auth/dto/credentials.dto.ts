import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsPasswordText } from '../../users/dto/is-password-text.js';
import { USERNAME_PATTERN, USERNAME_RULE } from '../../users/username.js';
import { IsResource } from './is-resource.js';

export class CredentialsDto {
  @ApiProperty({ pattern: USERNAME_PATTERN.source, example: 'alice', description: 'In any case.' })
  @Matches(USERNAME_PATTERN, { message: USERNAME_RULE })
  username: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 256,
    example: 'correct horse battery staple',
    description: 'Exactly as it was chosen.',
  })
  @IsPasswordText()
  password: string;

  @IsResource()
  resource?: string;
}
