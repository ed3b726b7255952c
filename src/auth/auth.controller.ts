import { Body, Controller, Post, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FromOrigin, type Origin } from '../audit/origin.js';
import { Answers, anyTokenRefusals, bodyRefusals } from '../common/http/answers.decorator.js';
import { Caller } from '../common/http/caller.decorator.js';
import { FromDevice } from '../common/http/device.decorator.js';
import { Public } from '../common/http/public.decorator.js';
import { FORM_TYPE, JSON_TYPE, TakesForms } from '../common/http/takes-forms.decorator.js';
import { RefreshService } from '../tokens/refresh/refresh.service.js';
import { type RefreshTokenClaims } from '../tokens/refresh/refresh-token.service.js';
import { type Device } from '../tokens/refresh/token-pair.service.js';
import { CredentialsDto } from './dto/credentials.dto.js';
import { RegistrationDto } from './dto/registration.dto.js';
import { TokenPairDto, WelcomeDto } from './dto/token-pair.dto.js';
import { TakesRefreshToken } from './guards/takes-token.decorator.js';
import { LoginService } from './login.service.js';
import { PasswordQueue } from './password-queue.interceptor.js';
import { RegistrationService } from './registration.service.js';

/** The ways to a pair of tokens. */
@ApiTags('tokens')
@Controller()
export class AuthController {
  constructor(
    private readonly registrations: RegistrationService,
    private readonly logins: LoginService,
    private readonly refreshes: RefreshService,
  ) {}

  @Post('registration')
  @Public()
  @TakesForms()
  @UseInterceptors(PasswordQueue)
  @ApiConsumes(JSON_TYPE, FORM_TYPE)
  @ApiOperation({ summary: 'Make an account and log in' })
  @Answers({
    status: 201,
    type: WelcomeDto,
    refusals: [...bodyRefusals, 'username_taken', 'invalid_target', 'too_many_requests', 'too_busy'],
  })
  async register(
    @Body() { username, password, resource }: RegistrationDto,
    @FromDevice() device: Device,
    @FromOrigin() by: Origin,
  ): Promise<WelcomeDto> {
    const pair = await this.registrations.register(username, password, { device, resource, by });
    return WelcomeDto.with(`User ${username} was created`, pair);
  }

  @Post('login')
  @Public()
  @TakesForms()
  @UseInterceptors(PasswordQueue)
  @ApiConsumes(JSON_TYPE, FORM_TYPE)
  @ApiOperation({ summary: 'Log in' })
  @Answers({
    status: 200,
    type: WelcomeDto,
    refusals: [...bodyRefusals, 'invalid_credentials', 'invalid_target', 'too_many_requests', 'too_busy'],
  })
  async login(
    @Body() credentials: CredentialsDto,
    @FromDevice() device: Device,
    @FromOrigin() by: Origin,
  ): Promise<WelcomeDto> {
    const { resource } = credentials;
    const { username, pair } = await this.logins.login(credentials.username, credentials.password, {
      device,
      resource,
      by,
    });
    return WelcomeDto.with(`Logged in as ${username}`, pair);
  }

  @Post('token/refresh')
  @TakesRefreshToken()
  @ApiBearerAuth('refresh_token')
  @ApiOperation({ summary: 'Spend a refresh token for a new pair' })
  @Answers({ status: 200, type: TokenPairDto, refusals: anyTokenRefusals })
  async refresh(@Caller() claims: RefreshTokenClaims, @FromOrigin() by: Origin): Promise<TokenPairDto> {
    return TokenPairDto.of(await this.refreshes.refresh(claims, by));
  }
}
