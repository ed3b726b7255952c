import { ApiProperty } from '@nestjs/swagger';

/** A public key (RFC 7517 §4, RFC 7518 §6.2.1). */
export class JwkDto {
  @ApiProperty({ example: 'EC' })
  kty: string;

  @ApiProperty({ example: 'P-256' })
  crv: string;

  @ApiProperty({ example: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU' })
  x: string;

  @ApiProperty({ example: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' })
  y: string;

  @ApiProperty({ description: 'Its thumbprint (RFC 7638).', example: '4fc-WSYM3PKRPwCAGEQS-5MkXnohkPB13OSwyhqZGRg' })
  kid: string;

  @ApiProperty({ example: 'sig' })
  use: string;

  @ApiProperty({ description: 'The one algorithm that the key is for.', example: 'ES256' })
  alg: string;
}

/** RFC 7517 §5. */
export class JwkSetDto {
  @ApiProperty({ type: [JwkDto] })
  keys: JwkDto[];
}
