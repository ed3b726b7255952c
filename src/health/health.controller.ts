import { Controller, Get, HttpException } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheckService } from '@nestjs/terminus';
import { Answers } from '../common/http/answers.decorator.js';
import { Public } from '../common/http/public.decorator.js';
import { HealthDto, type ReadyChecksDto, ReadyDto } from './health.dto.js';
import { notReady } from './not-ready.js';
import { Readiness } from './readiness.service.js';

/** For orchestrators: whether to restart this process, and whether to send it requests. */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process answers' })
  @Answers({ status: 200, type: HealthDto })
  live(): HealthDto {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the instance has all that it needs to serve' })
  @Answers({ status: 200, type: ReadyDto, refusals: ['not_ready'] })
  async ready(): Promise<ReadyDto> {
    try {
      const { status, details } = await this.health.check(this.readiness.checks());
      return { status, details: details as unknown as ReadyChecksDto };
    } catch (error) {
      throw error instanceof HttpException ? notReady(error.getResponse()) : error;
    }
  }
}
