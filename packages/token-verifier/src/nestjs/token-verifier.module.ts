import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { type VerifierOptions } from '../options.js';
import { createVerifier, type Verifier } from '../verifier.js';
import { TokenGuard } from './token.guard.js';
import { TOKEN_VERIFIER } from './tokens.js';

/** Options that other providers have a say in; as everywhere in Nest. */
export interface TokenVerifierAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Makes the options. */
  useFactory: (...dependencies: never[]) => VerifierOptions | Promise<VerifierOptions>;
  /** What `useFactory` is called with. */
  inject?: FactoryProvider['inject'];
}

/**
 * One {@link Verifier} for a whole application, and its {@link TokenGuard}. The verifier is started with the application,
 * which does not wait for it: a service comes up while Recant is away, and then answers by `whenOutOfSync`. It is closed
 * with the application; call `app.enableShutdownHooks()` so that a signal does that too.
 */
@Module({})
export class TokenVerifierModule implements OnApplicationShutdown, OnModuleInit {
  /** @internal */
  constructor(@Inject(TOKEN_VERIFIER) private readonly verifier: Verifier) {}

  /** With options that are known beforehand. */
  static forRoot(options: VerifierOptions): DynamicModule {
    return this.forRootAsync({ useFactory: () => options });
  }

  /**
   * With options that are made by a factory.
   *
   * @example
   * ```ts
   * import { ConfigService } from '@nestjs/config';
   * import { TokenVerifierModule } from '@recant/token-verifier/nestjs';
   *
   * TokenVerifierModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({
   *     issuer: config.getOrThrow<string>('ISSUER'),
   *     audience: 'orders',
   *     client: { id: config.getOrThrow<string>('CLIENT_ID'), secret: config.getOrThrow<string>('CLIENT_SECRET') },
   *   }),
   * });
   * ```
   */
  static forRootAsync({ imports = [], inject = [], useFactory }: TokenVerifierAsyncOptions): DynamicModule {
    const make = useFactory as (...dependencies: unknown[]) => VerifierOptions | Promise<VerifierOptions>;
    return {
      module: TokenVerifierModule,
      global: true,
      imports,
      providers: [
        {
          provide: TOKEN_VERIFIER,
          inject,
          useFactory: async (...dependencies: unknown[]) => createVerifier(await make(...dependencies)),
        },
        TokenGuard,
      ],
      exports: [TOKEN_VERIFIER, TokenGuard],
    };
  }

  /** Called by Nest. */
  onModuleInit(): void {
    void this.verifier.start();
  }

  /** Called by Nest, after the server has ended: what is under way until then is still answered from memory. */
  async onApplicationShutdown(): Promise<void> {
    await this.verifier.close();
  }
}
