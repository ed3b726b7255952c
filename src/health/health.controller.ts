import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { Answers } from '../common/http/answers.decorator.js';
import { Public } from '../common/http/public.decorator.js';
import { KeyRing } from '../tokens/keys/key-ring.service.js';
import { HealthDto } from './health.dto.js';

/** For orchestrators: whether to restart this process, and whether to send it requests. */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keys: KeyRing,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process answers' })
  @Answers({ status: 200, type: HealthDto })
  live(): HealthDto {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the database answers too, and the signing keys can be read' })
  @Answers({ status: 200, type: HealthDto })
  async ready(): Promise<HealthDto> {
    await this.dataSource.query('SELECT 1');
    for (const purpose of ['access', 'refresh'] as const) this.keys.currentFor(purpose);
    return { status: 'ok' };
  }
}
