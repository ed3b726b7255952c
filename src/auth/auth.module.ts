import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { ClientsModule } from '../clients/clients.module.js';
import { Clock } from '../common/clock.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountService } from './account.service.js';
import { AccountsController } from './accounts.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuthController } from './auth.controller.js';
import { AdministratorService } from './administrator.service.js';
import { ClientAdministration } from './clients/client-administration.service.js';
import { ClientsController } from './clients/clients.controller.js';
import { FirstAdministrator } from './first-administrator.js';
import { FollowerHub } from './followers/follower-hub.service.js';
import { FollowersController } from './followers/followers.controller.js';
import { RevocationListService } from './followers/revocation-list.service.js';
import { SecretCheck } from './followers/secret-check.service.js';
import { StreamService } from './followers/stream.service.js';
import { ForwardAuthController } from './forward-auth/forward-auth.controller.js';
import { ForwardAuthGuard } from './forward-auth/forward-auth.guard.js';
import { AccessGuard } from './guards/access.guard.js';
import { AccessTokenGuard } from './guards/access-token.guard.js';
import { AnyTokenGuard } from './guards/any-token.guard.js';
import { RecentLoginGuard } from './guards/recent-login.guard.js';
import { RefreshGuard } from './guards/refresh.guard.js';
import { RoleGuard } from './guards/role.guard.js';
import { GuessThrottle } from './guess-throttle.service.js';
import { VerifiedTokens } from './guards/verified-tokens.js';
import { LoginService } from './login.service.js';
import { LogoutController } from './logout.controller.js';
import { ClientCredentialsGrantService } from './oauth/client-credentials-grant.service.js';
import { OAuthTokenController } from './oauth/oauth-token.controller.js';
import { RefreshGrantService } from './oauth/refresh-grant.service.js';
import { TokenGrantService } from './oauth/token-grant.service.js';
import { RegistrationService } from './registration.service.js';
import { SecretController } from './secret.controller.js';
import { PasswordService } from './password.service.js';
import { RevocationRecordsController } from './revocations/revocation-records.controller.js';
import { RevocationRecordsService } from './revocations/revocation-records.service.js';
import { SessionsController } from './sessions.controller.js';
import { UserSessionsController } from './user-sessions.controller.js';
import { AccessStrategy } from './strategies/access.strategy.js';
import { RefreshStrategy } from './strategies/refresh.strategy.js';

/** The flows that need both users and tokens, and the guards of every route. */
@Module({
  imports: [PassportModule, ClientsModule, RateLimitModule, UsersModule, TokensModule],
  controllers: [
    AuthController,
    LogoutController,
    SessionsController,
    SecretController,
    AccountsController,
    UserSessionsController,
    ClientsController,
    OAuthTokenController,
    RevocationRecordsController,
    FollowersController,
    ForwardAuthController,
    AuditController,
  ],
  providers: [
    Clock,
    AccessStrategy,
    RefreshStrategy,
    VerifiedTokens,
    RefreshGuard,
    AnyTokenGuard,
    AccessTokenGuard,
    ForwardAuthGuard,
    // In this order: who is it, in which role, how lately logged in.
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: RoleGuard },
    { provide: APP_GUARD, useClass: RecentLoginGuard },
    GuessThrottle,
    RegistrationService,
    LoginService,
    AccountService,
    PasswordService,
    AdministratorService,
    FirstAdministrator,
    ClientAdministration,
    RefreshGrantService,
    ClientCredentialsGrantService,
    TokenGrantService,
    RevocationRecordsService,
    FollowerHub,
    StreamService,
    SecretCheck,
    RevocationListService,
  ],
})
export class AuthModule {}
