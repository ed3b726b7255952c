/**
 * How many threads libuv has for work that blocks: argon2 hashes as many passwords at once as there are cores, and two are
 * left for files and for looking up the database's name. More would each keep the 19 MiB of a hash.
 *
 * `node --require` runs this before anything else. libuv makes its threads when the first of them is needed, and a program
 * that is an ES module needs one to be read at all: set in there, it would be too late.
 */
import os = require('node:os');

// An empty one counts as not set, as everywhere; libuv would make one thread of it.
process.env['UV_THREADPOOL_SIZE'] ||= String(os.availableParallelism() + 2);
