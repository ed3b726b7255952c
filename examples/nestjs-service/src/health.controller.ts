import { Controller, Get, Inject } from '@nestjs/common';
import { type Verifier, type VerifierStatus } from '@recant/token-verifier';
import { Public, TOKEN_VERIFIER } from '@recant/token-verifier/nestjs';

@Controller('health')
@Public()
export class HealthController {
  constructor(@Inject(TOKEN_VERIFIER) private readonly verifier: Verifier) {}

  /** Out of sync the service still answers, by asking Recant about each token: slower, and no reason to restart it. */
  @Get()
  read(): VerifierStatus {
    return this.verifier.status();
  }
}
