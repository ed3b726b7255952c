import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Allow, IsString } from 'class-validator';
import { ClientParametersDto, LEFT_EMPTY } from './client-parameters.dto.js';

/** Of RFC 7662 §2.1 and RFC 7009 §2.1 alike. */
export class TokenParametersDto extends ClientParametersDto {
  @ApiProperty({ example: 'eyJhbGciOi….eyJpc3MiOi….RfFJ3rDw…', description: 'An access token or a refresh token.' })
  @IsString()
  token: string;

  @ApiPropertyOptional({
    ...LEFT_EMPTY,
    description: 'Taken and not needed: a token says of itself which kind it is.',
  })
  @Allow()
  token_type_hint?: string;
}
