import { ApiProperty } from '@nestjs/swagger';
import { type Session } from '../../tokens/sessions/session.entity.js';

/** A login on one device, as its owner knows it again. */
export class SessionDto {
  @ApiProperty({ format: 'uuid', example: '8c1f4a3e-0d5b-4f0e-9a86-3f6f6a6f1b7d', description: 'The `sid` claim.' })
  id: string;

  @ApiProperty({ description: 'Whether the request was made in this session.', example: true })
  current: boolean;

  @ApiProperty({ format: 'date-time', description: 'The login.', example: '2026-01-01T12:00:00.000Z' })
  created_at: string;

  @ApiProperty({
    format: 'date-time',
    description: 'The last refresh, or the login.',
    example: '2026-01-01T12:00:00.000Z',
  })
  last_used_at: string;

  @ApiProperty({
    format: 'date-time',
    description: 'The end, however busy it is.',
    example: '2026-01-31T12:00:00.000Z',
  })
  expires_at: string;

  @ApiProperty({ type: String, nullable: true, example: 'Mozilla/5.0' })
  user_agent: string | null;

  @ApiProperty({ type: String, nullable: true, example: '192.0.2.7' })
  ip: string | null;

  static of(session: Session, currentSid: string): SessionDto {
    return {
      id: session.id,
      current: session.id === currentSid,
      created_at: session.createdAt.toISOString(),
      last_used_at: session.lastUsedAt.toISOString(),
      expires_at: session.expiresAt.toISOString(),
      user_agent: session.userAgent,
      ip: session.ip,
    };
  }
}

export class SessionListDto {
  @ApiProperty({ type: [SessionDto] })
  sessions: SessionDto[];

  static of(sessions: Session[], currentSid: string): SessionListDto {
    return { sessions: sessions.map((session) => SessionDto.of(session, currentSid)) };
  }
}
