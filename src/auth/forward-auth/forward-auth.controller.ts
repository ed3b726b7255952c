import { All, applyDecorators, Controller, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Answers, anyTokenRefusals } from '../../common/http/answers.decorator.js';
import { ANY_METHOD_AND_BELOW } from '../../common/http/any-method.js';
import { Caller } from '../../common/http/caller.decorator.js';
import { IgnoresBody } from '../../common/http/ignores-body.decorator.js';
import { Public } from '../../common/http/public.decorator.js';
import { type AccessTokenClaims } from '../../tokens/access/access-token.service.js';
import { ForwardAuthGuard } from './forward-auth.guard.js';
import { identityFields, identityHeaders } from './identity-headers.js';

const DESCRIPTION =
  'Takes any method, any address below, and any body, which it does not read. The token is that of the request that the gateway holds.';

/** Some gateways ask under the method and the address of the request that they hold, some under their own. */
const ForAnyRequest = (path: string, summary: string): MethodDecorator =>
  applyDecorators(
    All([path, `${path}/*`]),
    IgnoresBody(),
    ApiOperation({ summary, description: DESCRIPTION }),
    ApiExtension(ANY_METHOD_AND_BELOW, true),
    Answers({ status: 200, headers: identityFields, refusals: anyTokenRefusals }),
  );

/** For gateways that cannot hold a library: whether to let a request through, and who sent it. */
@ApiTags('for services')
@ApiBearerAuth('access_token')
@Public()
@UseGuards(ForwardAuthGuard)
@Controller()
export class ForwardAuthController {
  @ForAnyRequest('forward-auth', "Whether a gateway may let a request through, with a token for Recant's own audience")
  answer(@Caller() claims: AccessTokenClaims, @Res({ passthrough: true }) reply: FastifyReply): void {
    void reply.headers(identityHeaders(claims));
  }

  @ForAnyRequest('audiences/:audience/forward-auth', 'Likewise, with a token for this audience')
  @ApiParam({ name: 'audience', type: String, example: 'recant', description: 'One of those of `AUDIENCE`.' })
  answerFor(@Caller() claims: AccessTokenClaims, @Res({ passthrough: true }) reply: FastifyReply): void {
    this.answer(claims, reply);
  }
}
