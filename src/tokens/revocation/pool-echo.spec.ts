import { beforeEach, describe, expect, it } from 'vitest';
import { type Beat } from './feed-message.js';
import { PoolEcho } from './pool-echo.js';

// The pool is the test's: it keeps what it was given to say, and commits it or fails when it is told to.
let said: Omit<Beat, 'number'>[];
let answer: () => Promise<void>;
let echo: PoolEcho;

beforeEach(() => {
  said = [];
  answer = () => Promise.resolve();
  echo = new PoolEcho((word) => {
    said.push(word);
    return answer();
  });
});

const hearAll = (): void => said.forEach((word) => echo.hear({ ...word, number: 0 }));

describe('the echo of the pool', () => {
  it('is not heard before the pool is, whoever else speaks', async () => {
    await echo.sayWhenDue(0);
    expect(echo.hear({ sender: 'another', beat: 1, number: 0 })).toBe(false);
    expect(echo.isHeard).toBe(false);
    hearAll();
    expect(echo.isHeard).toBe(true);
  });

  it('is missing when a heartbeat overtakes what was committed before it', async () => {
    await echo.sayWhenDue(0);
    echo.beatIsSent();
    expect(echo.isMissing).toBe(true);
    hearAll();
    expect(echo.isMissing).toBe(false);
  });

  it('is not missing when the heartbeat was sent before the pool had answered', async () => {
    const saying = echo.sayWhenDue(0);
    echo.beatIsSent();
    await saying;
    expect(echo.isMissing).toBe(false);
  });

  it('is asked for every ten seconds, and found missing when the pool is led elsewhere meanwhile', async () => {
    await echo.sayWhenDue(0);
    hearAll();
    await echo.sayWhenDue(9_999);
    expect(said).toHaveLength(1);
    await echo.sayWhenDue(10_000);
    expect(said).toHaveLength(2);
    echo.beatIsSent();
    expect(echo.isMissing).toBe(true);
  });

  it('is asked for again at once when the pool could not say it, and by one at a time', async () => {
    answer = () => Promise.reject(new Error('no connection'));
    await Promise.all([echo.sayWhenDue(0), echo.sayWhenDue(1)]);
    expect(said).toHaveLength(1);
    echo.beatIsSent();
    expect(echo.isMissing).toBe(false);
    await echo.sayWhenDue(2);
    expect(said).toHaveLength(2);
  });
});
