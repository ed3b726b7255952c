import { describe, expect, it } from 'vitest';
import { openEvent, proofEvent } from './feed-events.js';

const timeOf = (event: string): number => JSON.parse(/data: (.*)/.exec(event)![1]!).time_ms;

describe('the times of a stream', () => {
  it('are rounded so that a proof is never taken for younger than it is', () => {
    expect(timeOf(openEvent(10.01, 500))).toBe(10.1);
    expect(timeOf(proofEvent(1, 10.09))).toBe(10);
  });
});
