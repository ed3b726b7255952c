import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { Answers } from '../common/http/answers.decorator.js';
import { Public } from '../common/http/public.decorator.js';
import { KeyRing } from '../tokens/keys/key-ring.service.js';
import { RevocationFeed } from '../tokens/revocation/revocation-feed.service.js';
import { HealthDto, ReadyDto } from './health.dto.js';

/** For orchestrators: whether to restart this process, and whether to send it requests. */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keys: KeyRing,
    private readonly feed: RevocationFeed,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process answers' })
  @Answers({ status: 200, type: HealthDto })
  live(): HealthDto {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the database answers too, and the signing keys can be read' })
  @Answers({ status: 200, type: ReadyDto })
  async ready(): Promise<ReadyDto> {
    await this.dataSource.query('SELECT 1');
    for (const purpose of ['access', 'refresh'] as const) this.keys.currentFor(purpose);
    // Out of sync, each check asks the database: slower, and no reason to send requests elsewhere.
    return { status: 'ok', feed: { in_sync: this.feed.isInSync(), age_ms: Math.round(this.feed.ageMs()) } };
  }
}
