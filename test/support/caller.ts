import { Agent, get } from 'node:http';

/** One request; the moments by `performance.now()`. */
export interface Call {
  token: string;
  /** Before a byte was sent. */
  startedAt: number;
  /** When the status was here. */
  answeredAt: number;
  status: number;
}

/** Asks for the protected resource time and again, one request after the other, and keeps what became of each. */
export class Caller {
  readonly calls: Call[] = [];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly running: Promise<void>;
  private readonly waiting: ((call: Call) => void)[] = [];
  private isStopped = false;

  constructor(
    readonly url: string,
    private readonly nextToken: () => string,
  ) {
    this.running = this.run();
    // Told by `stop`.
    this.running.catch(() => undefined);
  }

  /** Returns the next request that is answered like this, once it is. */
  async next(status: number): Promise<Call> {
    for (;;) {
      const call = await new Promise<Call>((resolve) => this.waiting.push(resolve));
      if (call.status === status) return call;
    }
  }

  /** Returns when the last request has been answered. */
  async stop(): Promise<Call[]> {
    this.isStopped = true;
    await this.running;
    this.agent.destroy();
    return this.calls;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const call = await this.call(this.nextToken());
      this.calls.push(call);
      for (const tell of this.waiting.splice(0)) tell(call);
    }
  }

  private call(token: string): Promise<Call> {
    const startedAt = performance.now();
    const options = { agent: this.agent, headers: { authorization: `Bearer ${token}` } };
    return new Promise((resolve, reject) => {
      get(`${this.url}/secret`, options, (response) => {
        const call = { token, startedAt, answeredAt: performance.now(), status: response.statusCode! };
        response.resume().on('end', () => resolve(call));
      }).on('error', reject);
    });
  }
}
