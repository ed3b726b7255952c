import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, tokenRefusals } from '../common/http/answers.decorator.js';
import { readRowCursor, writeRowCursor } from '../common/row-cursor.js';
import { UuidParam } from '../common/http/uuid-param.js';
import { ADMIN_ROLE, RequiresRole } from '../common/http/requires-role.decorator.js';
import { UserQueryDto } from './dto/user-query.dto.js';
import { UserDto, UserListDto } from './dto/user.dto.js';
import { UsersService } from './users.service.js';

/** What administrators read of accounts. What ends tokens when it changes is in `auth`. */
@ApiTags('users')
@ApiBearerAuth('access_token')
@Controller('users')
@RequiresRole(ADMIN_ROLE)
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @ApiOperation({ summary: 'List users, newest first' })
  @Answers({ status: 200, type: UserListDto, refusals: [...tokenRefusals, 'validation_failed'] })
  async list(@Query() { search, cursor, limit }: UserQueryDto): Promise<UserListDto> {
    const page = await this.users.list(search ?? null, cursor ? readRowCursor(cursor) : null, limit);
    return { users: page.users.map((user) => UserDto.of(user)), next_cursor: page.next && writeRowCursor(page.next) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Read one user' })
  @Answers({
    status: 200,
    type: UserDto,
    refusals: [...tokenRefusals, 'user_not_found', 'not_found'],
  })
  async read(@Param('id', UuidParam) id: string): Promise<UserDto> {
    return UserDto.of(await this.users.get(id));
  }
}
