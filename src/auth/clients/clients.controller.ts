import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../../audit/origin.js';
import { parseScope } from '../../clients/client-scopes.js';
import { ClientsService } from '../../clients/clients.service.js';
import { type ErrorCode } from '../../common/errors/error-catalog.js';
import { Answers, bodyRefusals, tokenRefusals } from '../../common/http/answers.decorator.js';
import { RequiresRecentLogin } from '../../common/http/requires-recent-login.decorator.js';
import { ADMIN_ROLE, RequiresRole } from '../../common/http/requires-role.decorator.js';
import { UuidParam } from '../../common/http/uuid-param.js';
import { readRowCursor, writeRowCursor } from '../../common/row-cursor.js';
import { MessageDto } from '../dto/message.dto.js';
import { ClientAdministration } from './client-administration.service.js';
import { ClientQueryDto } from './dto/client-query.dto.js';
import { ChangedSecretDto, ClientDto, ClientListDto, RegisteredClientDto } from './dto/client.dto.js';
import { NewClientDto } from './dto/new-client.dto.js';
import { SecretChangeDto } from './dto/secret-change.dto.js';

const refusals: readonly ErrorCode[] = tokenRefusals;
const changeRefusals: readonly ErrorCode[] = [...refusals, 'insufficient_user_authentication'];
const refusalsOfOne: readonly ErrorCode[] = [...changeRefusals, 'client_not_found', 'not_found'];

/** What administrators do about other services: let them in, give them new secrets, and take them away. */
@ApiTags('clients')
@ApiBearerAuth('access_token')
@Controller('clients')
@RequiresRole(ADMIN_ROLE)
export class ClientsController {
  constructor(
    private readonly clients: ClientsService,
    private readonly administration: ClientAdministration,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List clients, newest first' })
  @Answers({ status: 200, type: ClientListDto, refusals: [...refusals, 'validation_failed'] })
  async list(@Query() { cursor, limit }: ClientQueryDto): Promise<ClientListDto> {
    const page = await this.clients.list(cursor ? readRowCursor(cursor) : null, limit);
    return {
      clients: page.clients.map((client) => ClientDto.of(client)),
      next_cursor: page.next && writeRowCursor(page.next),
    };
  }

  @Post()
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Make a client; answers its secret, this once' })
  @Answers({ status: 201, type: RegisteredClientDto, refusals: [...changeRefusals, ...bodyRefusals] })
  async create(@Body() { client_name, scope }: NewClientDto, @FromOrigin() by: Origin): Promise<RegisteredClientDto> {
    const { clientId, clientSecret } = await this.administration.create(client_name, parseScope(scope)!, by);
    return { client_id: clientId, client_secret: clientSecret, client_name, scope };
  }

  @Post(':id/secret')
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Give a client a new secret, and let the earlier ones end' })
  @Answers({ status: 200, type: ChangedSecretDto, refusals: [...refusalsOfOne, ...bodyRefusals] })
  async changeSecret(
    @Param('id', UuidParam) id: string,
    @Body() { previous_secret_expires_in }: SecretChangeDto,
    @FromOrigin() by: Origin,
  ): Promise<ChangedSecretDto> {
    const { clientId, clientSecret } = await this.administration.changeSecret(id, previous_secret_expires_in, by);
    return { client_id: clientId, client_secret: clientSecret, previous_secret_expires_in };
  }

  @Delete(':id')
  @RequiresRecentLogin()
  @ApiOperation({ summary: 'Delete a client, which ends every token that was issued to it' })
  @Answers({ status: 200, type: MessageDto, refusals: refusalsOfOne })
  async delete(@Param('id', UuidParam) id: string, @FromOrigin() by: Origin): Promise<MessageDto> {
    await this.administration.delete(id, by);
    return { message: 'Client has been deleted' };
  }
}
