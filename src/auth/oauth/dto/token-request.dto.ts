import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Allow, IsString } from 'class-validator';
import { ClientParametersDto, LEFT_EMPTY } from '../../../tokens/endpoints/client-parameters.dto.js';

/** RFC 6749 §4.4.2 and §6, RFC 8707 §2.2. */
export class TokenRequestDto extends ClientParametersDto {
  @ApiProperty({ example: 'client_credentials', description: '`refresh_token` or `client_credentials`.' })
  @IsString()
  grant_type: string;

  @ApiPropertyOptional({
    ...LEFT_EMPTY,
    description: 'For `refresh_token`: the token to spend.',
  })
  @Allow()
  refresh_token?: string;

  @ApiPropertyOptional({
    ...LEFT_EMPTY,
    description: 'For `client_credentials`: some of what the client may do, with blanks between; all without it.',
  })
  @Allow()
  scope?: string;

  @ApiPropertyOptional({
    ...LEFT_EMPTY,
    description: 'The one service that the access token is to be for: a name of `AUDIENCE`.',
  })
  @Allow()
  resource?: string;
}
