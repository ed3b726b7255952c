import { ArrayNotEmpty, IsBoolean, IsIn, IsOptional, IsUrl, Length, Matches } from 'class-validator';
import { IsSecret } from './is-secret.js';
import { IsWholeNumber, IsZeroOrWholeNumber } from './is-whole-number.js';
import { IsOrigins } from './is-origins.js';
import { IsProxies } from './is-proxies.js';
import { flag, integer, list, proxies, text } from './readers.js';
import { FromVariable } from './variable.decorator.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug'] as const;
export const JWT_ALGORITHMS = ['ES256', 'RS256', 'HS256'] as const;
export const SSL_MODES = ['off', 'require', 'verify'] as const;

const POSTGRES_URL = /^postgres(ql)?:\/\/\S+$/;
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/**
 * Everything that an operator can set, typed and validated. docs/configuration.md is generated from this class, so a
 * sentence here is a sentence there. Only `readEnvironment` makes one, and it is frozen.
 */
export class Environment {
  @FromVariable({
    says: '`production` asks for its secrets and database by name, and makes up neither.',
    read: text,
    default: 'development',
  })
  @IsIn(['development', 'test', 'production'], { message: 'must be development, test or production' })
  readonly nodeEnv: 'development' | 'test' | 'production';

  @FromVariable({ says: 'TCP port to listen on; 0 takes a free one.', read: integer, default: 3000 })
  @IsWholeNumber(0, 65535)
  readonly port: number;

  @FromVariable({
    says: 'Address to listen on; `0.0.0.0` is every IPv4 interface.',
    read: text,
    default: '127.0.0.1',
    defaultInWords: '`127.0.0.1`; `0.0.0.0` in the image',
  })
  @Length(1, 253, { message: 'must be an address or a name' })
  readonly host: string;

  @FromVariable({
    says: 'PostgreSQL 14 or newer to use, as `postgres://user:password@host:port/database`.',
    read: text,
    defaultInWords: 'none: the embedded PostgreSQL under `DATA_DIR`',
    isSecret: true,
  })
  @IsOptional()
  @Matches(POSTGRES_URL, { message: 'must look like postgres://user:password@host:5432/database' })
  readonly databaseUrl?: string;

  @FromVariable({
    says: 'The same database for the one connection that listens for revocations: its own address, where `DATABASE_URL` is that of a pooler such as PgBouncer, which passes on no notifications. What is said to the one must be heard on the other, or the service does not start.',
    read: text,
    defaultInWords: 'that of `DATABASE_URL`',
    isSecret: true,
  })
  @IsOptional()
  @Matches(POSTGRES_URL, { message: 'must look like postgres://user:password@host:5432/database' })
  readonly databaseListenUrl?: string;

  @FromVariable({
    says: 'Connections to the database at most, beside the one that listens.',
    read: integer,
    default: 10,
  })
  @IsWholeNumber(1, 1000)
  readonly databasePoolSize: number;

  @FromVariable({
    says: 'Has the database parse and plan each statement once for a connection. Turn it off behind a pooler that cannot keep prepared statements apart, such as PgBouncer before 1.21, or without `max_prepared_statements`.',
    read: flag,
    default: true,
  })
  @IsBoolean({ message: 'must be true or false' })
  readonly databasePreparedStatements: boolean;

  @FromVariable({
    says: 'TLS to the database: `off`, `require` (encrypted, the server not verified) or `verify` (certificate verified). An `sslmode` in `DATABASE_URL` wins over it.',
    read: text,
    default: 'off',
  })
  @IsIn(SSL_MODES, { message: 'must be off, require or verify' })
  readonly databaseSsl: (typeof SSL_MODES)[number];

  @FromVariable({
    says: 'Allows the embedded PostgreSQL in production, where it is refused otherwise.',
    read: flag,
    default: false,
  })
  @IsBoolean({ message: 'must be true or false' })
  readonly embeddedDatabase: boolean;

  @FromVariable({
    says: 'Folder of the embedded database and of generated secrets; made when missing.',
    read: text,
    default: '.data',
  })
  @Length(1, 4096, { message: 'must be the path of a folder' })
  readonly dataDir: string;

  @FromVariable({
    says: 'The `iss` claim of every token: the address under which clients reach the service, without a slash at its end.',
    read: text,
    defaultInWords: '`http://localhost:PORT`',
  })
  @IsUrl(
    {
      protocols: ['http', 'https'],
      require_protocol: true,
      require_tld: false,
      allow_query_components: false,
      allow_fragments: false,
    },
    { message: 'must be an http or https address without query and fragment' },
  )
  @Matches(/[^/]$/, { message: 'must not end with a slash' })
  readonly issuer: string;

  @FromVariable({
    says: 'The `aud` claim of access tokens: the services they are for, with commas between them. The first is Recant itself; a login may ask for one of them as its `resource`.',
    read: list,
    default: ['recant'],
    defaultInWords: '`recant`',
  })
  @ArrayNotEmpty({ message: 'must name at least one audience' })
  @Length(1, 255, { each: true })
  readonly audience: string[];

  @FromVariable({
    says: 'How access tokens are signed: `ES256`, `RS256`, or `HS256` with a secret that every verifier has to know, and could sign with.',
    read: text,
    default: 'ES256',
  })
  @IsIn(JWT_ALGORITHMS, { message: 'must be ES256, RS256 or HS256' })
  readonly jwtAlgorithm: (typeof JWT_ALGORITHMS)[number];

  @FromVariable({
    says: 'The secret of access tokens with `HS256`, whose bytes are the key: 32 bytes or more.',
    read: text,
    defaultInWords: 'none',
    isSecret: true,
  })
  @IsOptional()
  @IsSecret()
  readonly jwtSecret?: string;

  @FromVariable({
    says: 'Time after which the next signing key takes over, in seconds; 0 leaves it to `POST /keys/rotate`. It counts for keys that are made from then on.',
    read: integer,
    default: 2_592_000,
  })
  @IsZeroOrWholeNumber(600, YEAR_SECONDS)
  readonly keyRotationSeconds: number;

  @FromVariable({ says: 'Life of an access token, in seconds.', read: integer, default: 900 })
  @IsWholeNumber(10, 24 * 60 * 60)
  readonly accessTokenTtlSeconds: number;

  @FromVariable({
    says: 'Life of a session, in seconds: after it, the user logs in again however busy the session was.',
    read: integer,
    default: 2_592_000,
  })
  @IsWholeNumber(60, YEAR_SECONDS)
  readonly refreshTokenTtlSeconds: number;

  @FromVariable({
    says: 'Life of a refresh token that is not used, in seconds; each refresh begins it anew.',
    read: integer,
    default: 1_209_600,
  })
  @IsWholeNumber(60, YEAR_SECONDS)
  readonly sessionIdleSeconds: number;

  @FromVariable({
    says: 'Sessions that a user may have at once; a login beyond them ends the oldest.',
    read: integer,
    default: 50,
  })
  @IsWholeNumber(1, 1000)
  readonly sessionsPerUser: number;

  @FromVariable({
    says: 'Time in which a spent refresh token, sent again, gets the same successor once more, in seconds; 0 turns it off.',
    read: integer,
    default: 10,
  })
  @IsWholeNumber(0, 300)
  readonly refreshRetryWindowSeconds: number;

  @FromVariable({
    says: 'Time for which an instance answers from its memory after the last proof that no revocation is missing there, in milliseconds; past it, the database is asked on each request.',
    read: integer,
    default: 2_000,
  })
  @IsWholeNumber(500, 60_000)
  readonly revocationStalenessMs: number;

  @FromVariable({
    says: 'Access tokens that an instance remembers as verified at most, so that it checks their signature once and everything else on each request; 0 turns it off. It takes at most 3 KiB of memory for each.',
    read: integer,
    default: 10_000,
  })
  @IsWholeNumber(0, 1_000_000)
  readonly verifiedTokensMax: number;

  @FromVariable({
    says: 'Clients that may follow the revocations at `/revocations/stream` of one instance at once.',
    read: integer,
    default: 2_000,
  })
  @IsWholeNumber(1, 100_000)
  readonly feedMaxFollowers: number;

  @FromVariable({
    says: 'Time between two removals of sessions, revocations, client secrets and rows of the audit trail that nothing needs any more, in seconds; 0 turns them off.',
    read: integer,
    default: 600,
  })
  @IsZeroOrWholeNumber(10, 24 * 60 * 60)
  readonly purgeIntervalSeconds: number;

  @FromVariable({
    says: 'Time for which a row of the audit trail is kept, in days; 0 keeps it for ever.',
    read: integer,
    default: 400,
  })
  @IsZeroOrWholeNumber(1, 36_500)
  readonly auditRetentionDays: number;

  @FromVariable({
    says: 'The secret under which the signing keys are encrypted in the database: 32 bytes or more, best from `openssl rand -base64 32`.',
    read: text,
    defaultInWords: 'none in production; elsewhere one is generated under `DATA_DIR`',
    isSecret: true,
  })
  @IsOptional()
  @IsSecret()
  readonly encryptionSecret: string;

  @FromVariable({
    says: 'The other secret while `ENCRYPTION_SECRET` is being changed: what is encrypted under it can be read, and is encrypted anew.',
    read: text,
    defaultInWords: 'none',
    isSecret: true,
  })
  @IsOptional()
  @IsSecret()
  readonly encryptionSecretPrevious?: string;

  @FromVariable({
    says: 'Name of the first administrator, made at start when there is none; needs `ADMIN_PASSWORD`.',
    read: text,
    defaultInWords: 'none',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9._@+-]{1,120}$/, { message: 'must be 1 to 120 of the characters A-Z a-z 0-9 . _ @ + -' })
  readonly adminUsername?: string;

  @FromVariable({ says: 'Password of the first administrator.', read: text, defaultInWords: 'none', isSecret: true })
  @IsOptional()
  @Length(8, 256, { message: 'must have 8 to 256 characters' })
  readonly adminPassword?: string;

  @FromVariable({ says: 'Shortest password that registration takes, in characters.', read: integer, default: 8 })
  @IsWholeNumber(8, 64)
  readonly passwordMinLength: number;

  @FromVariable({
    says: 'A secret that goes into the hash of every password and is not in the database: 32 bytes or more. Lost, it takes every password with it.',
    read: text,
    defaultInWords: 'none',
    isSecret: true,
  })
  @IsOptional()
  @IsSecret()
  readonly passwordPepper?: string;

  @FromVariable({
    says: 'The other pepper while `PASSWORD_PEPPER` is being changed or given up: what was hashed under it is right, and is hashed anew at the next login.',
    read: text,
    defaultInWords: 'none',
    isSecret: true,
  })
  @IsOptional()
  @IsSecret()
  readonly passwordPepperPrevious?: string;

  @FromVariable({
    says: 'Limits how often passwords may be tried and names registered.',
    read: flag,
    default: true,
  })
  @IsBoolean({ message: 'must be true or false' })
  readonly rateLimitEnabled: boolean;

  @FromVariable({ says: 'Time in which tries are counted together, in seconds.', read: integer, default: 600 })
  @IsWholeNumber(1, 24 * 60 * 60)
  readonly rateLimitWindowSeconds: number;

  @FromVariable({
    says: 'Wrong passwords for a name within the window, whether anybody has the name or not.',
    read: integer,
    default: 10,
  })
  @IsWholeNumber(1, 1_000_000)
  readonly rateLimitNameFailures: number;

  @FromVariable({
    says: 'Wrong passwords from an address (IPv6: from its /64 network) within the window, whatever the names.',
    read: integer,
    default: 100,
  })
  @IsWholeNumber(1, 1_000_000)
  readonly rateLimitAddressFailures: number;

  @FromVariable({ says: 'Registrations from an address within the window.', read: integer, default: 30 })
  @IsWholeNumber(1, 1_000_000)
  readonly rateLimitAddressRegistrations: number;

  @FromVariable({
    says: 'Wait after the first time that a limit was exceeded, in seconds; each further time within a day, it is twice as long.',
    read: integer,
    default: 60,
  })
  @IsWholeNumber(1, 24 * 60 * 60)
  readonly rateLimitFirstWaitSeconds: number;

  @FromVariable({ says: 'The longest such wait, in seconds.', read: integer, default: 900 })
  @IsWholeNumber(1, 24 * 60 * 60)
  readonly rateLimitLongestWaitSeconds: number;

  @FromVariable({
    says: 'The proxies whose `X-Forwarded-For` tells where a request comes from: their addresses or networks (`10.0.0.0/8`) with commas between them, or how many of them there are in a row. Without it, the field is not looked at.',
    read: proxies,
    defaultInWords: 'none',
  })
  @IsOptional()
  @IsProxies()
  readonly trustProxy?: string[] | number;

  @FromVariable({
    says: 'Origins whose pages may call the service from a browser, with commas between them: `https://app.example.com`. Without it no page of another origin may.',
    read: list,
    default: [],
    defaultInWords: 'none',
  })
  @IsOrigins()
  readonly corsOrigins: string[];

  @FromVariable({
    says: 'Serves Swagger UI at `/docs` and the document at `/openapi.json`.',
    read: flag,
    default: true,
  })
  @IsBoolean({ message: 'must be true or false' })
  readonly docsEnabled: boolean;

  @FromVariable({
    says: 'Serves counts and measurements for Prometheus at `/metrics`, which the outside should not reach.',
    read: flag,
    default: true,
  })
  @IsBoolean({ message: 'must be true or false' })
  readonly metricsEnabled: boolean;

  @FromVariable({
    says: 'The least that is logged: `fatal`, `error`, `warn`, `info` or `debug`.',
    read: text,
    default: 'info',
  })
  @IsIn(LOG_LEVELS, { message: 'must be fatal, error, warn, info or debug' })
  readonly logLevel: (typeof LOG_LEVELS)[number];

  get isProduction(): boolean {
    return this.nodeEnv === 'production';
  }
}
