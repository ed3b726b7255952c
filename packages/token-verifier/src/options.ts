import { VerifierError } from './verifier-error.js';

/**
 * What to do while it is not proved that no revocation is missing in memory:
 *
 * - `introspect` (the default) asks the issuer about each token (RFC 7662);
 * - `reject` answers nothing: {@link VerifierError} `ERR_OUT_OF_SYNC`;
 * - `allow` goes by what was known last. A token that was taken back since then passes until it expires.
 *
 * Whatever is chosen, signature, times, issuer and audience are checked, and what is known to be revoked is refused.
 */
export type WhenOutOfSync = 'introspect' | 'reject' | 'allow';

/** What {@link createVerifier} needs to know. */
export interface VerifierOptions {
  /** The address in the `iss` claim of every token, exactly as there. */
  issuer: string | URL;
  /** The name of this service: a token must have it in its `aud` claim. */
  audience: string;
  /**
   * A client of the issuer's with the scope `revocations:read`, and `tokens:introspect` for `whenOutOfSync: 'introspect'`.
   * Made by an administrator, or by `npm run client:create` beside the issuer.
   */
  client: { id: string; secret: string };
  /** Default `introspect`. */
  whenOutOfSync?: WhenOutOfSync;
  /** Milliseconds that a proof of completeness counts for, from the moment that it is about. Default 2000. */
  maxStalenessMs?: number;
  /**
   * Seconds by which the clocks of issuer and service may differ, from 0 to 5: the issuer keeps a revocation for five seconds
   * after the end of the last token that it forbids, so nobody may accept one for longer. Default 5.
   */
  clockToleranceSeconds?: number;
  /** Tokens whose signature is not checked again, at most; 0 for none. Each takes at most 3 KiB. Default 10,000. */
  maxCachedTokens?: number;
  /** In place of the global `fetch`: with a proxy, or certificates of your own. */
  fetch?: typeof fetch;
  /** Hears what happens behind `verify`; for logs and metrics. What it throws is ignored. */
  onEvent?: (event: VerifierEvent) => void;
}

/** What a verifier tells beside its answers. */
export type VerifierEvent =
  /** From here on, memory answers. */
  | { type: 'in-sync'; number: number; records: number }
  /** From here on, `whenOutOfSync` decides. */
  | { type: 'out-of-sync'; reason: string }
  /** The issuer publishes other keys than before. */
  | { type: 'keys-changed'; kids: string[] }
  /** Something failed, and is tried again. */
  | { type: 'error'; error: Error };

/** @internal Everything that may be left out, filled in. */
export interface Settings extends Required<Omit<VerifierOptions, 'issuer'>> {
  issuer: string;
}

const DEFAULTS = {
  whenOutOfSync: 'introspect',
  maxStalenessMs: 2_000,
  clockToleranceSeconds: 5,
  maxCachedTokens: 10_000,
} as const;

/** @internal @throws VerifierError `ERR_CONFIGURATION`. */
export function settingsOf(options: VerifierOptions): Settings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = {
    ...DEFAULTS,
    fetch: (...request: Parameters<typeof fetch>) => globalThis.fetch(...request),
    ...(given as unknown as VerifierOptions),
    onEvent: (event: VerifierEvent) => tell(options.onEvent, event),
    issuer: issuerOf(options.issuer),
  };
  for (const fault of faultsOf(settings)) throw new VerifierError('ERR_CONFIGURATION', fault);
  return settings;
}

/** A log that fails is no reason to lose revocations. */
function tell(listener: VerifierOptions['onEvent'], event: VerifierEvent): void {
  try {
    listener?.(event);
  } catch {
    // It is the listener's own matter.
  }
}

/** A `URL` of an origin alone ends with a slash that the claim does not have. */
function issuerOf(issuer: string | URL): string {
  return issuer instanceof URL ? issuer.href.replace(/\/$/, '') : issuer;
}

function faultsOf(settings: Settings): string[] {
  const { issuer, audience, client, whenOutOfSync, maxStalenessMs, clockToleranceSeconds, maxCachedTokens } = settings;
  const checks: [isRight: boolean, fault: string][] = [
    [/^https?:\/\/[^?#]+$/.test(issuer) && URL.canParse(issuer), 'issuer must be an http or https address'],
    [typeof audience === 'string' && audience !== '', 'audience must be a name'],
    [isText(client?.id) && isText(client?.secret), 'client must have an id and a secret'],
    [['introspect', 'reject', 'allow'].includes(whenOutOfSync), 'whenOutOfSync must be introspect, reject or allow'],
    [maxStalenessMs >= 100 && maxStalenessMs < Infinity, 'maxStalenessMs must be at least 100, and not without end'],
    [clockToleranceSeconds >= 0 && clockToleranceSeconds <= 5, 'clockToleranceSeconds must be from 0 to 5'],
    [Number.isInteger(maxCachedTokens) && maxCachedTokens >= 0, 'maxCachedTokens must be a whole number'],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, fault]) => fault);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
