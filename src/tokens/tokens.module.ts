import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from '../common/clock.js';
import { AccessTokenService } from './access/access-token.service.js';
import { JwksController } from './endpoints/jwks.controller.js';
import { JwsService } from './keys/jws.service.js';
import { KeyCipher } from './keys/key-cipher.js';
import { KeyAdministration } from './keys/key-administration.service.js';
import { KeyRotation } from './keys/key-rotation.service.js';
import { KeySealer } from './keys/key-sealer.js';
import { KeyWatch } from './keys/key-watch.js';
import { KeysController } from './endpoints/keys.controller.js';
import { KeyRing } from './keys/key-ring.service.js';
import { SigningKeyRow } from './keys/signing-key.entity.js';
import { SigningKeyRepository } from './keys/signing-key.repository.js';
import { RefreshTokenService } from './refresh/refresh-token.service.js';
import { TokenPairService } from './refresh/token-pair.service.js';
import { Revocation } from './revocation/revocation.entity.js';
import { RevocationService } from './revocation/revocation.service.js';
import { RevokedTokenRepository } from './revocation/revoked-token.repository.js';
import { Session } from './sessions/session.entity.js';
import { SessionRepository } from './sessions/session.repository.js';
import { SessionsService } from './sessions/sessions.service.js';

/** Keys, revocations, sessions, and the two kinds of token that rest on them. */
@Module({
  imports: [TypeOrmModule.forFeature([SigningKeyRow, Revocation, Session]), JwtModule.register({})],
  controllers: [JwksController, KeysController],
  providers: [
    Clock,
    KeyCipher,
    KeySealer,
    KeyRotation,
    KeyWatch,
    KeyAdministration,
    SigningKeyRepository,
    KeyRing,
    JwsService,
    RevokedTokenRepository,
    RevocationService,
    SessionRepository,
    SessionsService,
    AccessTokenService,
    RefreshTokenService,
    TokenPairService,
  ],
  exports: [
    AccessTokenService,
    JwsService,
    RefreshTokenService,
    RevocationService,
    RevokedTokenRepository,
    SessionsService,
    TokenPairService,
  ],
})
export class TokensModule {}
