import { ApiProperty } from '@nestjs/swagger';
import { IsNewPassword } from '../../users/dto/is-new-password.js';
import { IsPasswordText } from '../../users/dto/is-password-text.js';

const NEW_PASSWORD = { minLength: 8, maxLength: 256, example: 'a better horse, a better staple' };

export class PasswordChangeDto {
  @ApiProperty({ minLength: 1, maxLength: 256, example: 'correct horse battery staple' })
  @IsPasswordText()
  current_password: string;

  @ApiProperty(NEW_PASSWORD)
  @IsNewPassword()
  new_password: string;
}

export class PasswordResetDto {
  @ApiProperty(NEW_PASSWORD)
  @IsNewPassword()
  new_password: string;
}
