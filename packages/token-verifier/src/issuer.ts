import { type Settings } from './options.js';
import { readText } from './read-body.js';
import { VerifierError } from './verifier-error.js';

/** What of the issuer's metadata (RFC 8414) a verifier needs. */
export interface IssuerMetadata {
  jwks_uri: string;
  introspection_endpoint: string;
  revocation_stream_endpoint: string;
}

/** Milliseconds for an answer; a stream's answer begins within it too. */
const TIMEOUT_MS = 3_000;

/** Milliseconds between two tries at the metadata, however many tokens wait for them. */
const COOL_DOWN_MS = 1_000;

/** Speaks HTTP to the issuer, as a client that proves by its secret who it is. */
export class Issuer {
  private readonly authorization: string;
  /** What is asked at the moment. */
  private readonly open = new Set<AbortController>();
  private known: IssuerMetadata | null = null;
  private asking: Promise<IssuerMetadata> | null = null;
  private failure: { error: VerifierError; atMs: number } | null = null;

  constructor(private readonly settings: Settings) {
    const { id, secret } = settings.client;
    // RFC 6749 §2.3.1: form-encoded inside, so that a colon can be part of either.
    const credentials = [id, secret].map(encodeURIComponent).join(':');
    this.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }

  /** The endpoints, asked for once. @throws VerifierError `ERR_ISSUER_UNAVAILABLE`, `ERR_CONFIGURATION`. */
  async metadata(): Promise<IssuerMetadata> {
    if (this.known) return this.known;
    if (this.failure && performance.now() - this.failure.atMs < COOL_DOWN_MS) throw this.failure.error;
    this.asking ??= this.discover().finally(() => (this.asking = null));
    return this.asking;
  }

  /** A public document. @throws VerifierError `ERR_ISSUER_UNAVAILABLE`. */
  getJson(url: string): Promise<{ body: unknown; headers: Headers }> {
    return this.send(url, { headers: { accept: 'application/json' } });
  }

  /** As the client, a form (RFC 7662 §2.1). @throws VerifierError `ERR_ISSUER_UNAVAILABLE`. */
  async postForm(url: string, form: Record<string, string>): Promise<unknown> {
    const { authorization } = this;
    const answer = await this.send(url, {
      method: 'POST',
      headers: { authorization, accept: 'application/json' },
      body: new URLSearchParams(form),
    });
    return answer.body;
  }

  /** Ends whatever is asked at the moment. */
  close(): void {
    for (const ending of this.open) ending.abort(new Error('closed'));
  }

  /** As the client, an answer that does not end until it is aborted. Whatever its status is: the caller looks. */
  async openStream(url: string, headers: Record<string, string>, ending: AbortController): Promise<Response> {
    const timer = setTimeout(() => ending.abort(new Error('no answer in time')), TIMEOUT_MS);
    try {
      return await this.settings.fetch(url, {
        headers: { ...headers, authorization: this.authorization, accept: 'text/event-stream' },
        redirect: 'error',
        signal: ending.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  private async send(url: string, request: RequestInit): Promise<{ body: unknown; headers: Headers }> {
    const ending = new AbortController();
    this.open.add(ending);
    const timer = setTimeout(() => ending.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
    try {
      return await this.exchange(url, { ...request, redirect: 'error', signal: ending.signal }, ending.signal);
    } catch (error) {
      const cause = (ending.signal.reason ?? error) as Error;
      throw new VerifierError('ERR_ISSUER_UNAVAILABLE', cause.message, { cause });
    } finally {
      clearTimeout(timer);
      this.open.delete(ending);
    }
  }

  private async exchange(url: string, request: RequestInit, signal: AbortSignal) {
    const response = await this.settings.fetch(url, request);
    if (response.ok)
      return { body: JSON.parse(await readText(response, signal)) as unknown, headers: response.headers };
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }

  private async discover(): Promise<IssuerMetadata> {
    try {
      const { body } = await this.getJson(metadataUrl(this.settings.issuer));
      this.known = acceptMetadata(body, this.settings.issuer);
      return this.known;
    } catch (error) {
      this.failure = { error: error as VerifierError, atMs: performance.now() };
      throw error;
    }
  }
}

/** RFC 8414 §3.1: the well-known name goes between the host and the path of the issuer. */
function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`;
}

function acceptMetadata(body: unknown, issuer: string): IssuerMetadata {
  const metadata = (body ?? {}) as Record<string, unknown>;
  // RFC 8414 §3.3: otherwise one issuer could speak for another.
  if (metadata['issuer'] !== issuer) throw configuration(`the issuer calls itself ${String(metadata['issuer'])}`);
  for (const name of ['jwks_uri', 'introspection_endpoint', 'revocation_stream_endpoint'] as const) {
    const url = metadata[name];
    if (typeof url !== 'string' || !URL.canParse(url)) throw configuration(`the issuer names no ${name}`);
    // The client's secret goes there, and what is said there is believed.
    if (new URL(url).origin !== new URL(issuer).origin) throw configuration(`${name} is not under the issuer's origin`);
  }
  return metadata as unknown as IssuerMetadata;
}

function configuration(reason: string): VerifierError {
  return new VerifierError('ERR_CONFIGURATION', reason);
}
