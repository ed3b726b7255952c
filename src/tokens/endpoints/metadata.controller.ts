import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { AuthError } from '../../common/errors/auth-error.js';
import { Answers } from '../../common/http/answers.decorator.js';
import { isNotModified } from '../../common/http/not-modified.js';
import { Public } from '../../common/http/public.decorator.js';
import { Environment } from '../../config/environment.js';
import { metadataOf } from './metadata.js';
import { MetadataDto } from './metadata.dto.js';

/** How long a client may keep the document, in seconds: it changes with the configuration alone. */
const MAX_AGE_SECONDS = 300;

/** Where everything is (RFC 8414). From memory: also while the database is down. */
@ApiTags('for services')
@Public()
@Controller('.well-known/oauth-authorization-server')
export class MetadataController {
  constructor(private readonly environment: Environment) {}

  @Get()
  @ApiOperation({
    summary: 'The addresses and abilities of this service (RFC 8414)',
    description: 'Where `ISSUER` has a path, also at this address followed by it (RFC 8414 §3.1).',
  })
  @ApiResponse({ status: 304, description: 'It is still the one with the ETag that `If-None-Match` names.' })
  @Answers({ status: 200, type: MetadataDto })
  publish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const metadata = metadataOf(this.environment.issuer);
    if (isNotModified(request, reply, metadata, MAX_AGE_SECONDS)) void reply.send();
    else void reply.code(200).send(metadata);
  }

  /** RFC 8414 §3.1: an issuer with a path has its document at this address, followed by that path. */
  @Get('*')
  // A path of any depth, which OpenAPI cannot say.
  @ApiExcludeEndpoint()
  publishUnderPath(@Param('*') path: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const isOfIssuer = path !== '' && new URL(this.environment.issuer).pathname === `/${path}`;
    if (!isOfIssuer) throw new AuthError('not_found');
    this.publish(request, reply);
  }
}
