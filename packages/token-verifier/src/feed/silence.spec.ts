import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Silence } from './silence.js';

/** Holds up everything in this process. */
function stall(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** Both ends of a real connection, whose bytes wait in the system while this process does not read. */
async function aConnection(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    near.destroy();
    server.close();
  });
  return [near, far];
}

function aSilence(limitMs: number) {
  const act = vi.fn<() => void>();
  const silence = new Silence(act, limitMs);
  onTestFinished(() => silence.stop());
  return { act, silence };
}

describe('silence', () => {
  it('is noticed once, and not after the end', async () => {
    const { act } = aSilence(20);
    const { act: neverAct, silence } = aSilence(10);
    silence.stop();
    await expect.poll(() => act.mock.calls.length).toBe(1);
    stall(30);
    await new Promise(setImmediate);
    expect([act.mock.calls.length, neverAct.mock.calls.length]).toEqual([1, 0]);
  });

  it('is none when only this process did not read what had arrived', async () => {
    const [near, far] = await aConnection();
    const { act, silence } = aSilence(200);
    near.on('data', () => silence.break());
    far.write('x');
    stall(300);
    await once(near, 'data');
    await new Promise(setImmediate);
    expect(act).not.toHaveBeenCalled();
    await expect.poll(() => act.mock.calls.length).toBe(1);
  });
});
