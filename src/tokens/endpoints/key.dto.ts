import { ApiProperty } from '@nestjs/swagger';
import { type KeyStatus, type RingKey } from '../keys/ring-key.js';
import { type KeyPurpose } from '../keys/signing-key.entity.js';

const aMoment = '2026-01-01T12:00:00.000Z';

/** A signing key as administrators see it: nothing of it that could sign. */
export class KeyDto {
  @ApiProperty({ example: '4fc-WSYM3PKRPwCAGEQS-5MkXnohkPB13OSwyhqZGRg' })
  kid: string;

  @ApiProperty({ enum: ['access', 'refresh'], description: 'The kind of token that it signs.', example: 'access' })
  purpose: KeyPurpose;

  @ApiProperty({ example: 'ES256' })
  alg: string;

  @ApiProperty({
    enum: ['next', 'current', 'retired', 'gone', 'forbidden'],
    example: 'current',
    description:
      '`next` does not sign yet, `current` does, `retired` verifies what it has signed, `gone` has outlived that, `forbidden` verifies nothing.',
  })
  status: KeyStatus;

  @ApiProperty({ format: 'date-time', example: aMoment })
  created_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: aMoment,
    description: 'Signs from then on.',
  })
  activates_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null, description: 'Signs until then.' })
  retires_at: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'When the last token that it signed has expired.',
  })
  expires_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  forbidden_at: string | null;

  static of(key: RingKey): KeyDto {
    return {
      kid: key.kid,
      purpose: key.purpose,
      alg: key.algorithm,
      status: key.status,
      created_at: key.createdAt.toISOString(),
      activates_at: key.activatesAt?.toISOString() ?? null,
      retires_at: key.retiresAt?.toISOString() ?? null,
      expires_at: key.expiresAt?.toISOString() ?? null,
      forbidden_at: key.forbiddenAt?.toISOString() ?? null,
    };
  }
}

export class KeyListDto {
  @ApiProperty({ type: [KeyDto] })
  keys: KeyDto[];

  static of(ring: readonly RingKey[]): KeyListDto {
    return { keys: ring.map((key) => KeyDto.of(key)) };
  }
}
