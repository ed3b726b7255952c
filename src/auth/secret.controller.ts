import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AlsoForClients } from '../common/http/also-for-clients.decorator.js';
import { Answers, anyTokenRefusals } from '../common/http/answers.decorator.js';
import { SecretDto } from './dto/message.dto.js';

/** A protected resource, to try tokens on. */
@ApiTags('try it')
@ApiBearerAuth('access_token')
@Controller('secret')
export class SecretController {
  @Get()
  @AlsoForClients()
  @ApiOperation({ summary: 'Read the secret' })
  @Answers({ status: 200, type: SecretDto, refusals: anyTokenRefusals })
  read(): SecretDto {
    return { answer: 'You are accessing super secret blueprint' };
  }
}
