// What a login costs at least: the check of its password. As many at once as there are cores, as in the service, and no
// request, no database, no token.
import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import pLimit from 'p-limit';
import { inLoops } from '../support/loops.mjs';
import { serve } from '../support/worker.mjs';

const limit = pLimit(availableParallelism());

serve({
  /** @param {{ seconds: number, concurrency: number, hash: string, password: string }} task */
  verify: ({ seconds, concurrency, hash, password }) =>
    inLoops(seconds, concurrency, async () => {
      if (!(await limit(() => argon2.verify(hash, password)))) throw new Error('the password is another');
    }),
});
