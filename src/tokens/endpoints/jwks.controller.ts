import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Answers } from '../../common/http/answers.decorator.js';
import { isNotModified } from '../../common/http/not-modified.js';
import { Public } from '../../common/http/public.decorator.js';
import { JWKS_MAX_AGE_SECONDS } from '../keys/key-lead.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { JwkSetDto } from './jwk-set.dto.js';

const JWK_SET_TYPE = 'application/jwk-set+json';

/** The public keys of access tokens, for services that verify them. From memory: also while the database is down. */
@ApiTags('for services')
@Public()
@Controller('.well-known')
export class JwksController {
  constructor(private readonly keys: KeyRing) {}

  @Get('jwks.json')
  @ApiOperation({ summary: 'The public keys of access tokens' })
  @ApiProduces(JWK_SET_TYPE)
  @ApiResponse({ status: 304, description: 'It is still the one with the ETag that `If-None-Match` names.' })
  @Answers({ status: 200, type: JwkSetDto })
  publish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const set: JwkSetDto = { keys: this.keys.publicKeys() };
    if (isNotModified(request, reply, set, JWKS_MAX_AGE_SECONDS)) void reply.send();
    else void reply.code(200).type(JWK_SET_TYPE).send(JSON.stringify(set));
  }
}
