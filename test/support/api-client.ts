import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type OpenAPIObject } from '@nestjs/swagger';
import { AnswerChecker } from './answer-checker.js';
import { knownSecrets } from './secrets.js';

export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed body, for convenience untyped: the checker has held it against the document. */
  // eslint-disable-next-line typescript/no-explicit-any
  body: any;
}

export interface RequestOptions {
  token?: string;
  json?: unknown;
  form?: Record<string, string>;
  /** A body as it stands, with a content type of the test's own. */
  raw?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

/** Speaks HTTP to the service. Every answer is held against the OpenAPI document, whatever the test then expects. */
export class ApiClient {
  private constructor(
    readonly url: string,
    private readonly checker: AnswerChecker,
  ) {}

  static async for(url: string): Promise<ApiClient> {
    const response = await fetch(`${url}/openapi.json`);
    return new ApiClient(url, new AnswerChecker((await response.json()) as OpenAPIObject));
  }

  get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.send('GET', path, options);
  }

  post(path: string, options?: RequestOptions): Promise<Answer> {
    return this.send('POST', path, options);
  }

  patch(path: string, options?: RequestOptions): Promise<Answer> {
    return this.send('PATCH', path, options);
  }

  delete(path: string, options?: RequestOptions): Promise<Answer> {
    return this.send('DELETE', path, options);
  }

  /** An answer that goes on; whoever reads the rest ends it. Not by `fetch`, which opens another connection then. */
  async open(path: string, { token, headers = {} }: RequestOptions): Promise<IncomingMessage> {
    const authorization = token && { authorization: `Bearer ${token}` };
    const request = get(`${this.url}${path}`, { agent: false, headers: { ...authorization, ...headers } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const fields = Object.entries(response.headers) as [string, string][];
    this.checker.check({ method: 'GET', path, status: response.statusCode!, headers: new Headers(fields), body: '' });
    return response;
  }

  async send(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    noteSecretsOf(options);
    const response = await fetch(`${this.url}${path}`, { method, ...requestOf(options) });
    const text = await response.text();
    const { status, headers } = response;
    const isJson = /json/.test(headers.get('content-type') ?? '');
    const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
    knownSecrets.noteFieldsOf(body);
    this.checker.check({ method, path, status, headers, body });
    return { status, headers, body };
  }
}

function noteSecretsOf({ token, json, form, headers }: RequestOptions): void {
  knownSecrets.note(token);
  knownSecrets.noteFieldsOf(json);
  knownSecrets.noteFieldsOf(form);
  knownSecrets.noteAuthorization(headers?.['authorization']);
}

function requestOf({ token, json, form, raw, headers = {} }: RequestOptions): RequestInit {
  const all = { ...(token && { authorization: `Bearer ${token}` }), ...headers };
  if (json !== undefined) {
    return { headers: { 'content-type': 'application/json', ...all }, body: JSON.stringify(json) };
  }
  if (form) return { headers: all, body: new URLSearchParams(form) };
  return { headers: all, ...(raw !== undefined && { body: raw }) };
}
