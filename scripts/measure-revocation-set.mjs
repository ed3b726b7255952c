// How much memory does a revocation take in a set of a million, how long does loading them take, and how long an answer?
// Needs a build and `node --expose-gc`; another build of revocation-set.js may be named. Prints a table and one line of JSON.
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { machine } from '../bench/support/machine.mjs';
import { median, roundedEach } from '../bench/support/statistics.mjs';

const RECORDS = 1_000_000;
/** Of a hundred records; the rest are users. */
const SESSIONS = 60;
const TOKENS = 38;
/** In a batch. */
const LOOKUPS = 500;
const LOOKUP_BATCHES = 200;
const NOW_SECONDS = 1_800_000_000;
const LIFE_SECONDS = 2_592_000;
/** That one call of prune looks at. */
const PRUNE_PAGES = 20;

const built = process.argv[2] ? pathToFileURL(process.argv[2]).href : '@recant/revocation-set';
const { RevocationSet } = await import(built);

/** The same number for the same input, and unlike its neighbours' (the end of MurmurHash3). */
function scramble(value) {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A UUID made from a number, so that a million need not be kept beside the set that is being weighed. */
function uuid(number) {
  const digits = [1, 2, 3, 4]
    .map((i) =>
      scramble(4 * number + i)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** As they come from the database and from tokens: each text in one piece, not put together from others. */
function asReceived(values) {
  return JSON.parse(JSON.stringify(values));
}

function levelOf(number) {
  const percent = number % 100;
  if (percent < SESSIONS) return 'session';
  return percent < SESSIONS + TOKENS ? 'token' : 'user';
}

function aRecord(number) {
  const level = levelOf(number);
  const cutoff = level === 'user' ? number + 1 : null;
  return { level, target: uuid(number), cutoff, expiresAtSeconds: NOW_SECONDS + 1 + (number % LIFE_SECONDS) };
}

/** Twice, with a turn between: array buffers are freed beside the collection, not in it. */
async function memory() {
  for (let i = 0; i < 2; i++) {
    globalThis.gc();
    await sleep(50);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { used: heapUsed + external, rss };
}

/** The time of applying them all, without that of making them. The event loop turns as it does in the service. */
async function load(set) {
  let applyingMs = 0;
  let peakBytes = 0;
  for (let batch = 0; batch < RECORDS; batch += 1000) {
    const records = asReceived(Array.from({ length: 1000 }, (_, i) => aRecord(batch + i)));
    const begun = performance.now();
    for (const record of records) set.apply(record);
    applyingMs += performance.now() - begun;
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    await new Promise(setImmediate);
  }
  return { applyingMs, peakBytes };
}

/** The longest of so many single calls, in which a table may have grown. With whatever else the machine was doing. */
function longestApplyMs(records) {
  const set = new RevocationSet();
  let longest = 0;
  for (let number = 0; number < records; number++) {
    const record = asReceived(aRecord(number));
    const begun = performance.now();
    set.apply(record);
    longest = Math.max(longest, performance.now() - begun);
  }
  return longest;
}

/**
 * Nanoseconds for each: the median of short batches, each of other claims, so that neither records that the last batch has
 * brought into the processor's cache nor other processes make the figure. The claims are fresh, as after reading a token.
 */
function lookUp(set, claimsOf, isForbidden) {
  const batches = Array.from({ length: LOOKUP_BATCHES }, (_, batch) => {
    const claims = asReceived(Array.from({ length: LOOKUPS }, (__, i) => claimsOf(batch * LOOKUPS + i)));
    let forbidden = 0;
    const begun = performance.now();
    for (const each of claims) if (set.forbids(each, NOW_SECONDS)) forbidden++;
    const elapsedMs = performance.now() - begun;
    if (forbidden !== (isForbidden ? LOOKUPS : 0)) throw new Error(`${forbidden} of ${LOOKUPS} are forbidden`);
    return (elapsedMs * 1e6) / LOOKUPS;
  });
  return median(batches);
}

/** Claims whose ids are in no record. */
function unknownClaims(number) {
  const base = RECORDS + 3 * number;
  return { jti: uuid(base), sid: uuid(base + 1), sub: uuid(base + 2), seq: RECORDS, kid: 'k1' };
}

/** Claims one of whose ids is in a record, of the level whose turn it is. */
function knownClaims(number) {
  const claims = unknownClaims(number);
  const record = scramble(number) % RECORDS;
  const name = { token: 'jti', session: 'sid', user: 'sub' }[levelOf(record)];
  return { ...claims, [name]: uuid(record), seq: 0 };
}

/** Everything has expired: how long one bounded call takes at most, and a whole round. */
function prune(set) {
  let longestMs = 0;
  let totalMs = 0;
  while (set.size > 0) {
    const begun = performance.now();
    set.prune(NOW_SECONDS + 2 * LIFE_SECONDS, PRUNE_PAGES);
    const elapsedMs = performance.now() - begun;
    longestMs = Math.max(longestMs, elapsedMs);
    totalMs += elapsedMs;
  }
  return { longestMs, totalMs };
}

if (!globalThis.gc) throw new Error('run it with node --expose-gc');

// First a small set that is thrown away: the code is compiled, and its memory is not the records'.
longestApplyMs(50_000);
const before = await memory();
const set = new RevocationSet();
const { applyingMs, peakBytes } = await load(set);
const after = await memory();
if (set.size !== RECORDS) throw new Error(`${set.size} records`);

const figures = {
  bytes_per_record: (after.used - before.used) / RECORDS,
  bytes_per_record_rss: (after.rss - before.rss) / RECORDS,
  bytes_per_record_rss_peak: (peakBytes - before.rss) / RECORDS,
  load_ms: applyingMs,
  longest_apply_ms: longestApplyMs(RECORDS),
  hit_ns: lookUp(set, knownClaims, true),
  miss_ns: lookUp(set, unknownClaims, false),
};
const pruning = prune(set);
figures[`longest_prune_of_${PRUNE_PAGES}_pages_ms`] = pruning.longestMs;
figures.prune_all_ms = pruning.totalMs;

const rounded = roundedEach(figures, 2);
console.table(rounded);
console.log(JSON.stringify({ records: RECORDS, ...machine(), ...rounded }));
