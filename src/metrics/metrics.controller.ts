import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Answers } from '../common/http/answers.decorator.js';
import { Public } from '../common/http/public.decorator.js';
import { Metrics } from './metrics.js';

/** For Prometheus. It tells no name and no token; how busy the service is, it tells anyone who can reach it. */
@ApiTags('health')
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @ApiOperation({ summary: 'What the process has counted and measured, for Prometheus' })
  @ApiProduces('text/plain')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Answers({ status: 200, type: String })
  show(): Promise<string> {
    return this.metrics.render();
  }
}
