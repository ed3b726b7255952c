import { ApiProperty } from '@nestjs/swagger';
import { type Client } from '../../../clients/client.entity.js';

const ID = { format: 'uuid', example: '0b6f4f6a-6d1c-4c57-9a0e-2a5c1f3d8e90' };
const NAME = { example: 'orders' };
const SCOPE = { example: 'tokens:introspect tokens:revoke', description: 'With blanks between; empty for none.' };
const SECRET = {
  example: 'nYc9sV0Zr1o…',
  description: 'Shown this once; only its hash is kept.',
};

/** A client as the list shows one, in the words of RFC 7591 §2. There is no field for a secret. */
export class ClientDto {
  @ApiProperty(ID)
  client_id: string;

  @ApiProperty(NAME)
  client_name: string;

  @ApiProperty(SCOPE)
  scope: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-01T12:00:00.000Z' })
  created_at: string;

  static of({ id, clientName, scopes, createdAt }: Client): ClientDto {
    return {
      client_id: id,
      client_name: clientName,
      scope: scopes.join(' '),
      created_at: createdAt.toISOString(),
    };
  }
}

export class ClientListDto {
  @ApiProperty({ type: [ClientDto] })
  clients: ClientDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: null,
  })
  next_cursor: string | null;
}

/** RFC 7591 §3.2.1. */
export class RegisteredClientDto {
  @ApiProperty(ID)
  client_id: string;

  @ApiProperty(SECRET)
  client_secret: string;

  @ApiProperty(NAME)
  client_name: string;

  @ApiProperty(SCOPE)
  scope: string;
}

export class ChangedSecretDto {
  @ApiProperty(ID)
  client_id: string;

  @ApiProperty(SECRET)
  client_secret: string;

  @ApiProperty({ type: 'integer', example: 86_400, description: 'Seconds until no earlier secret counts any more.' })
  previous_secret_expires_in: number;
}
