import { ApiPropertyOptional } from '@nestjs/swagger';
import { Allow } from 'class-validator';

/**
 * What Swagger UI fills a field with that may stay empty. Without an example it would send the word `string`, and a
 * `client_secret` beside HTTP Basic is refused, whatever it is.
 */
export const LEFT_EMPTY = { example: '' };

/** How a client says in the form who it is, where it does not say so by HTTP Basic. The guard reads it (RFC 6749 §2.3.1). */
export class ClientParametersDto {
  @ApiPropertyOptional({ ...LEFT_EMPTY, description: 'Unless HTTP Basic has it. `recant` is the public client.' })
  @Allow()
  client_id?: string;

  @ApiPropertyOptional({ ...LEFT_EMPTY, description: 'Unless HTTP Basic has it. The public client has none.' })
  @Allow()
  client_secret?: string;
}
