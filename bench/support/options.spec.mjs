import { describe, expect, it } from 'vitest';
import { readOptions, usage, UsageError } from './options.mjs';

const questions = [
  { name: 'guard', asks: 'How fast?' },
  { name: 'set', asks: 'How large?' },
];

describe('the command line', () => {
  it.each([
    [['nothing'], /nothing is none of guard, set/],
    [['--seconds', 'x'], /--seconds must be from 0.1 to 60/],
    [['--seconds', '0'], /--seconds must be from/],
    [['--rounds', '0.5'], /--rounds must be from 1 to 50/],
    [['--quick'], /--quick/],
  ])('%j is refused', (args, message) => {
    expect(() => readOptions(args, questions)).toThrow(UsageError);
    expect(() => readOptions(args, questions)).toThrow(message);
  });

  it('without a name asks everything', () => {
    expect(readOptions([], questions)).toMatchObject({ questions, check: false, json: false });
  });

  it('asks what it names, in the order of the list', () => {
    expect(readOptions(['set', 'guard'], questions).questions).toEqual(questions);
    expect(readOptions(['set'], questions).questions).toEqual([questions[1]]);
  });

  it('warms up no longer than it measures', () => {
    expect(readOptions(['--seconds', '0.5'], questions).warmUpSeconds).toBe(0.5);
    expect(readOptions(['--seconds', '30'], questions).warmUpSeconds).toBe(2);
  });

  it('is explained with every question', () => {
    expect(usage(questions)).toMatch(/guard {2}How fast\?\n {2}set {4}How large\?/);
  });
});
