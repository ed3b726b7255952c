import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** A public key (RFC 7517 §4): of an elliptic curve (RFC 7518 §6.2.1) or of RSA (§6.3.1). */
export class JwkDto {
  @ApiProperty({ example: 'EC', description: '`EC` or `RSA`.' })
  kty: string;

  @ApiPropertyOptional({ example: 'P-256' })
  crv?: string;

  @ApiPropertyOptional({ example: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU' })
  x?: string;

  @ApiPropertyOptional({ example: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' })
  y?: string;

  @ApiPropertyOptional({ description: 'The modulus of an RSA key, which has no `crv`, `x` and `y`.' })
  n?: string;

  @ApiPropertyOptional({ description: 'The exponent of an RSA key.', example: 'AQAB' })
  e?: string;

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
