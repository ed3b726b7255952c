import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientsModule } from '../clients/clients.module.js';
import { Clock } from '../common/clock.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { AccessTokenService } from './access/access-token.service.js';
import { IssueMomentRepository } from './access/issue-moment.repository.js';
import { IntrospectionController } from './endpoints/introspection.controller.js';
import { IntrospectionService } from './endpoints/introspection.service.js';
import { JwksController } from './endpoints/jwks.controller.js';
import { KeysController } from './endpoints/keys.controller.js';
import { MetadataController } from './endpoints/metadata.controller.js';
import { RevocationController } from './endpoints/revocation.controller.js';
import { TokenRevocationService } from './endpoints/token-revocation.service.js';
import { JwsService } from './keys/jws.service.js';
import { KeyCipher } from './keys/key-cipher.js';
import { KeyAdministration } from './keys/key-administration.service.js';
import { KeyRing } from './keys/key-ring.service.js';
import { KeyRotation } from './keys/key-rotation.service.js';
import { KeySealer } from './keys/key-sealer.js';
import { KeyWatch } from './keys/key-watch.js';
import { SigningKeyRow } from './keys/signing-key.entity.js';
import { SigningKeyRepository } from './keys/signing-key.repository.js';
import { ChoreRepository } from './purge/chore.repository.js';
import { PurgePace } from './purge/purge-pace.js';
import { PurgeScheduler } from './purge/purge-scheduler.js';
import { PurgeService } from './purge/purge.service.js';
import { PurgedTables } from './purge/purged-tables.js';
import { PresentedTokenService } from './refresh/presented-token.service.js';
import { RefreshService } from './refresh/refresh.service.js';
import { RefreshTokenService } from './refresh/refresh-token.service.js';
import { SpentTokenService } from './refresh/spent-token.service.js';
import { TokenPairService } from './refresh/token-pair.service.js';
import { Revocation } from './revocation/revocation.entity.js';
import { RevocationService } from './revocation/revocation.service.js';
import { FeedMetrics } from './revocation/feed-metrics.js';
import { NumberedRecordRepository } from './revocation/numbered-record.repository.js';
import { RevocationFeedRepository } from './revocation/revocation-feed.repository.js';
import { RevocationFeed } from './revocation/revocation-feed.service.js';
import { RevocationMemory } from './revocation/revocation-memory.js';
import { RevocationQuestions } from './revocation/revocation-questions.js';
import { RevocationRecordRepository } from './revocation/revocation-record.repository.js';
import { RevocationSink } from './revocation/revocation-sink.js';
import { RevokedTokenRepository } from './revocation/revoked-token.repository.js';
import { Session } from './sessions/session.entity.js';
import { SessionChainRepository } from './sessions/session-chain.repository.js';
import { SessionRepository } from './sessions/session.repository.js';
import { SessionsService } from './sessions/sessions.service.js';

import { TokensStart } from './tokens-start.js';

/** Keys, revocations, sessions, and the two kinds of token that rest on them. */
@Module({
  imports: [
    TypeOrmModule.forFeature([SigningKeyRow, Revocation, Session]),
    JwtModule.register({}),
    ClientsModule,
    RateLimitModule,
  ],
  controllers: [JwksController, KeysController, MetadataController, IntrospectionController, RevocationController],
  providers: [
    Clock,
    KeyCipher,
    KeySealer,
    SigningKeyRepository,
    KeyRing,
    KeyRotation,
    KeyWatch,
    KeyAdministration,
    JwsService,
    RevocationMemory,
    { provide: RevocationSink, useExisting: RevocationMemory },
    RevocationFeedRepository,
    RevocationFeed,
    FeedMetrics,
    RevocationQuestions,
    NumberedRecordRepository,
    RevocationRecordRepository,
    RevokedTokenRepository,
    RevocationService,
    SessionRepository,
    SessionChainRepository,
    SessionsService,
    AccessTokenService,
    RefreshTokenService,
    SpentTokenService,
    RefreshService,
    TokenPairService,
    TokensStart,
    IssueMomentRepository,
    PresentedTokenService,
    IntrospectionService,
    TokenRevocationService,
    ChoreRepository,
    PurgePace,
    PurgedTables,
    PurgeService,
    PurgeScheduler,
  ],
  exports: [
    KeyRing,
    TokensStart,
    KeyRotation,
    AccessTokenService,
    IssueMomentRepository,
    JwsService,
    NumberedRecordRepository,
    PresentedTokenService,
    RefreshService,
    RefreshTokenService,
    RevocationFeed,
    RevocationRecordRepository,
    RevocationService,
    RevokedTokenRepository,
    SessionsService,
    TokenPairService,
  ],
})
export class TokensModule {}
