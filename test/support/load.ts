import { Agent, type IncomingMessage, request } from 'node:http';
import { basic, type ClientAccount } from './given-clients.js';
import { type Pair } from './tokens.js';

/** What became of one request; the moments by `performance.now()`. */
export interface Outcome {
  what: string;
  /** 0 where there was no answer: see `error`. */
  status: number;
  error?: string;
  retryAfter?: string;
  /** The service said that it closes the connection. */
  isLast: boolean;
  startedAt: number;
  endedAt: number;
}

export interface Asked {
  method?: string;
  path: string;
  token?: string;
  json?: object;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

/** One request on a connection of this agent. Never rejects: what no answer came of is an outcome too. */
export function ask(
  url: string,
  agent: Agent | false,
  { method = 'GET', path, token, json, form, headers }: Asked,
): Promise<{ outcome: Outcome; body: string }> {
  const body = json ? JSON.stringify(json) : form ? new URLSearchParams(form).toString() : '';
  const fields = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(json && { 'content-type': 'application/json' }),
    ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(method !== 'GET' && { 'content-length': Buffer.byteLength(body) }),
    ...headers,
  };
  const startedAt = performance.now();
  const common = { what: `${method} ${path}`, startedAt };
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const outcome = { ...common, status: 0, isLast: true, error: error.code ?? error.message };
      resolve({ outcome: { ...outcome, endedAt: performance.now() }, body: '' });
    };
    const sent = request(`${url}${path}`, { method, agent, headers: fields }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', fail).on('end', () => resolve({ outcome: outcomeOf(common, response), body: text }));
    });
    sent.on('error', fail).end(body);
  });
}

function outcomeOf(common: { what: string; startedAt: number }, { statusCode, headers }: IncomingMessage): Outcome {
  const retryAfter = headers['retry-after'];
  const isLast = headers.connection === 'close';
  const endedAt = performance.now();
  return { ...common, status: statusCode!, isLast, endedAt, ...(retryAfter !== undefined && { retryAfter }) };
}

/** One who asks the same time and again, each time on the same connection, until it is stopped or the service closes it. */
export class LoadCaller {
  readonly outcomes: Outcome[] = [];
  /** Resolves when it has ended, by itself or stopped. */
  readonly ended: Promise<void>;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly waiting: ((outcome: Outcome) => void)[] = [];
  private isStopped = false;

  /** `next` makes the next request of the body of the last 200, which is empty at first. */
  constructor(
    private readonly url: string,
    private readonly next: (body: string) => Asked,
    private readonly endsWithConnection = false,
  ) {
    this.ended = this.run().finally(() => this.agent.destroy());
  }

  stop(): Promise<void> {
    this.isStopped = true;
    return this.ended;
  }

  /** The first outcome with this status of a request that began after this call. */
  async nextWith(status: number): Promise<Outcome> {
    const calledAt = performance.now();
    for (;;) {
      const outcome = await new Promise<Outcome>((resolve) => this.waiting.push(resolve));
      if (outcome.status === status && outcome.startedAt >= calledAt) return outcome;
    }
  }

  private async run(): Promise<void> {
    let last = '';
    while (!this.isStopped) {
      const { outcome, body } = await ask(this.url, this.agent, this.next(last));
      this.outcomes.push(outcome);
      for (const tell of this.waiting.splice(0)) tell(outcome);
      if (outcome.status === 200) last = body;
      if (this.endsWithConnection && outcome.isLast) return;
    }
  }
}

export interface LoadAccounts {
  users: (Pair & { username: string; password: string })[];
  client: ClientAccount;
}

/** Logins, refreshes, introspections and requests for the protected resource, all at once. */
export class Load {
  readonly callers: LoadCaller[];

  /** Each user has a login, a session that is refreshed, and a token that is used and asked about. */
  constructor(url: string, { users, client }: LoadAccounts, { endsWithConnection = false } = {}) {
    const caller = (next: (body: string) => Asked) => new LoadCaller(url, next, endsWithConnection);
    this.callers = users.flatMap(({ username, password, access, refresh }) => [
      caller(() => ({ method: 'POST', path: '/login', json: { username, password } })),
      caller((body) => ({ method: 'POST', path: '/token/refresh', token: successorIn(body) ?? refresh })),
      caller(() => ({ path: '/secret', token: access })),
      caller(() => ({ method: 'POST', path: '/oauth/introspect', form: { token: access }, headers: basic(client) })),
    ]);
  }

  get outcomes(): Outcome[] {
    return this.callers.flatMap(({ outcomes }) => outcomes);
  }

  /** Returns when every caller has had an answer of 200 to a request that began after this call; answers the last moment. */
  async allAreServed(): Promise<number> {
    const served = await Promise.all(this.callers.map((caller) => caller.nextWith(200)));
    return Math.max(...served.map(({ endedAt }) => endedAt));
  }

  async stop(): Promise<Outcome[]> {
    await Promise.all(this.callers.map((caller) => caller.stop()));
    return this.outcomes;
  }
}

function successorIn(body: string): string | null {
  return body === '' ? null : (JSON.parse(body) as { refresh_token: string }).refresh_token;
}

/** How often what came of what: `POST /login → 200`. */
export function summaryOf(outcomes: Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what, status, error } of outcomes) {
    const name = `${what} → ${error ?? status}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
