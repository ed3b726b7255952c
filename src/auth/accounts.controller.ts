import { Body, Controller, Delete, Get, Param, Patch } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../audit/origin.js';
import { Answers, bodyRefusals, tokenRefusals } from '../common/http/answers.decorator.js';
import { Caller } from '../common/http/caller.decorator.js';
import { FromDevice } from '../common/http/device.decorator.js';
import { RequiresRecentLogin } from '../common/http/requires-recent-login.decorator.js';
import { ADMIN_ROLE, RequiresRole } from '../common/http/requires-role.decorator.js';
import { UuidParam } from '../common/http/uuid-param.js';
import { type UserAccessClaims } from '../tokens/access/access-token.service.js';
import { type Device } from '../tokens/refresh/token-pair.service.js';
import { UserDto } from '../users/dto/user.dto.js';
import { UsersService } from '../users/users.service.js';
import { AccountService } from './account.service.js';
import { MessageDto } from './dto/message.dto.js';
import { PasswordChangeDto } from './dto/password.dto.js';
import { TokenPairDto } from './dto/token-pair.dto.js';
import { UserChangesDto } from './dto/user-changes.dto.js';
import { PasswordService } from './password.service.js';

/** The own account, and the changes of accounts that end tokens. */
@ApiTags('users')
@ApiBearerAuth('access_token')
@Controller('users')
export class AccountsController {
  constructor(
    private readonly accounts: AccountService,
    private readonly passwords: PasswordService,
    private readonly users: UsersService,
  ) {}

  @Get('me')
  @ApiOperation({ summary: 'Read the own account' })
  @Answers({ status: 200, type: UserDto, refusals: [...tokenRefusals, 'user_not_found'] })
  async readOwn(@Caller() { sub }: UserAccessClaims): Promise<UserDto> {
    return UserDto.of(await this.users.get(sub));
  }

  @Patch('me/password')
  @ApiOperation({ summary: 'Change the own password, which ends everything issued before; answers a new pair' })
  @Answers({
    status: 200,
    type: TokenPairDto,
    refusals: [...tokenRefusals, ...bodyRefusals, 'wrong_password', 'user_not_found', 'too_many_requests', 'too_busy'],
  })
  async changeOwnPassword(
    @Caller() { sub, aud }: UserAccessClaims,
    @Body() { current_password, new_password }: PasswordChangeDto,
    @FromDevice() device: Device,
    @FromOrigin() by: Origin,
  ): Promise<TokenPairDto> {
    // The new session is for what the old one was for.
    const resource = typeof aud === 'string' ? aud : undefined;
    return TokenPairDto.of(await this.passwords.change(sub, current_password, new_password, { device, resource, by }));
  }

  @Delete('me')
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Delete the own account; asks for a login within the last 5 minutes' })
  @Answers({
    status: 200,
    type: MessageDto,
    refusals: [...tokenRefusals, 'insufficient_user_authentication', 'user_not_found', 'last_administrator'],
  })
  async deleteOwn(@Caller() { sub }: UserAccessClaims, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.accounts.delete(sub, by);
    return { message: 'User has been deleted' };
  }

  @Patch(':id')
  @RequiresRole(ADMIN_ROLE)
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Disable or enable a user, or set its roles' })
  @Answers({
    status: 200,
    type: UserDto,
    refusals: [
      ...tokenRefusals,
      ...bodyRefusals,
      'insufficient_user_authentication',
      'user_not_found',
      'not_found',
      'last_administrator',
    ],
  })
  async change(
    @Param('id', UuidParam) id: string,
    @Body() changes: UserChangesDto,
    @FromOrigin() by: Origin,
  ): Promise<UserDto> {
    return UserDto.of(await this.accounts.change(id, changes, by));
  }

  @Delete(':id')
  @RequiresRole(ADMIN_ROLE)
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Delete a user' })
  @Answers({
    status: 200,
    type: MessageDto,
    refusals: [
      ...tokenRefusals,
      'insufficient_user_authentication',
      'user_not_found',
      'not_found',
      'last_administrator',
    ],
  })
  async delete(@Param('id', UuidParam) id: string, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.accounts.delete(id, by);
    return { message: 'User has been deleted' };
  }

  @Delete()
  @RequiresRole(ADMIN_ROLE)
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Delete every user but the caller' })
  @Answers({
    status: 200,
    type: MessageDto,
    refusals: [...tokenRefusals, 'insufficient_user_authentication', 'insufficient_scope'],
  })
  async deleteAll(@Caller() { sub }: UserAccessClaims, @FromOrigin() by: Origin): Promise<MessageDto> {
    const count = await this.accounts.deleteAllBut(sub, by);
    return { message: `${count} row(s) deleted` };
  }
}
