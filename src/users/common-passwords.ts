import { Injectable } from '@nestjs/common';
import { type ZxcvbnFactory } from '@zxcvbn-ts/core';

/**
 * Longer passwords are not looked at: none of the list has more than 20 characters, and the estimator takes ever longer,
 * most of a second for 256 of them, in which no other request is served.
 */
const LONGEST_LOOKED_AT = 32;

/**
 * Within so many guesses falls every one of the 49,233 passwords of the list, with its capitals and digits changed in the
 * usual ways, and what is no harder than they are: a word, a first name, a date, a row of keys.
 */
const COMMON_WITHIN_GUESSES = 100_000;

/** Once for a process: the lists take 70 MB and a third of a second. */
let estimator: Promise<ZxcvbnFactory> | undefined;

/** Knows which passwords attackers try first, from lists that came with the package: nobody is asked. */
@Injectable()
export class CommonPasswords {
  /** Gets ready, so that the first who asks need not wait. */
  async load(): Promise<void> {
    await loaded();
  }

  async includes(password: string): Promise<boolean> {
    if (Array.from(password).length > LONGEST_LOOKED_AT) return false;
    return (await loaded()).check(password).guesses <= COMMON_WITHIN_GUESSES;
  }
}

function loaded(): Promise<ZxcvbnFactory> {
  return (estimator ??= load());
}

async function load(): Promise<ZxcvbnFactory> {
  const [core, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  return new core.ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
  });
}
