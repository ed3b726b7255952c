import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../../audit/origin.js';
import { Answers, tokenRefusals } from '../../common/http/answers.decorator.js';
import { RequiresRecentLogin } from '../../common/http/requires-recent-login.decorator.js';
import { ADMIN_ROLE, RequiresRole } from '../../common/http/requires-role.decorator.js';
import { KeyAdministration } from '../keys/key-administration.service.js';
import { KeyListDto } from './key.dto.js';

/** The signing keys, for administrators. */
@ApiTags('keys')
@ApiBearerAuth('access_token')
@Controller('keys')
@RequiresRole(ADMIN_ROLE)
export class KeysController {
  constructor(private readonly keys: KeyAdministration) {}

  @Get()
  @ApiOperation({ summary: 'List the signing keys, in the order in which they sign' })
  @Answers({ status: 200, type: KeyListDto, refusals: tokenRefusals })
  async list(): Promise<KeyListDto> {
    return KeyListDto.of(await this.keys.list());
  }

  @Post('rotate')
  @ApiOperation({
    summary: 'Let the next keys take over',
    description:
      'At once, or as soon as they have been published for five minutes. What the old ones have signed stays valid.',
  })
  @Answers({ status: 200, type: KeyListDto, refusals: tokenRefusals })
  async rotate(@FromOrigin() by: Origin): Promise<KeyListDto> {
    return KeyListDto.of(await this.keys.rotate(by));
  }

  @Post(':kid/forbid')
  @RequiresRecentLogin()
  @ApiOperation({
    summary: 'Forbid a key, and everything that it has signed, at once',
    description:
      'For a key that somebody else may know. The next one takes over. Asks for a login within the last 5 minutes.',
  })
  @Answers({
    status: 200,
    type: KeyListDto,
    refusals: [...tokenRefusals, 'insufficient_user_authentication', 'key_not_found'],
  })
  async forbid(@Param('kid') kid: string, @FromOrigin() by: Origin): Promise<KeyListDto> {
    return KeyListDto.of(await this.keys.forbid(kid, by));
  }
}
