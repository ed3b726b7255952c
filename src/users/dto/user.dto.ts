import { ApiProperty } from '@nestjs/swagger';
import { type User } from '../user.entity.js';

/** A user as the wire shows one. There is no field for a hash. */
export class UserDto {
  @ApiProperty({ format: 'uuid', example: '5f0c1c0e-9a3f-4f5e-8b57-2f3f6e0f7c11' })
  id: string;

  @ApiProperty({ example: 'alice' })
  username: string;

  @ApiProperty({ type: [String], example: ['admin'] })
  roles: string[];

  @ApiProperty({ description: 'A disabled user cannot log in.', example: false })
  disabled: boolean;

  @ApiProperty({ format: 'date-time', example: '2026-01-01T12:00:00.000Z' })
  created_at: string;

  static of({ id, username, roles, disabledAt, createdAt }: User): UserDto {
    return { id, username, roles, disabled: disabledAt !== null, created_at: createdAt.toISOString() };
  }
}

export class UserListDto {
  @ApiProperty({ type: [UserDto] })
  users: UserDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: null,
  })
  next_cursor: string | null;
}
