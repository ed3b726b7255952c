import { ApiProperty } from '@nestjs/swagger';

/** What was done, in words. */
export class MessageDto {
  @ApiProperty({ example: 'Access token has been revoked' })
  message: string;
}

export class SecretDto {
  @ApiProperty({ example: 'You are accessing super secret blueprint' })
  answer: string;
}
