// Which process runs on which core. One that moves about, or that shares a core with what loads it, measures the scheduler.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * The server alone on one core, what loads it on another, and PostgreSQL on the rest, or beside the load where there is no
 * rest: that costs who asks the database least, since its own core stays free. Null where nothing can be pinned: without
 * `taskset` (util-linux), or on a single core.
 *
 * @typedef {{ server: string, load: string, database: string, all: string }} Cores each as `taskset -c` takes it
 * @returns {Cores | null}
 */
export function planCores() {
  if (spawnSync('taskset', ['--version']).status !== 0) return null;
  return coresOf(
    execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' })
      .split(':')[1]
      .trim(),
  );
}

/** @param {string} list as `taskset -c` prints it, such as `0-3,8` */
export function coresOf(list) {
  const cores = list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
  });
  if (cores.length < 2) return null;
  const [server, load, ...rest] = cores;
  return { server, load, database: rest.length > 0 ? rest.join(',') : load, all: list };
}

/** The command that starts Node on some cores; anywhere when they are not said. @param {string | undefined} cores */
export function nodeOn(cores) {
  return cores === undefined ? [process.execPath] : ['taskset', '-c', cores, process.execPath];
}

/** Moves a process, and its children as they are now; what it starts later is there too. */
export function moveTo(cores, pid) {
  for (const each of [pid, ...childrenOf(pid)]) {
    // One that has ended meanwhile needs no place.
    spawnSync('taskset', ['-a', '-c', '-p', cores, String(each)]);
  }
}

function childrenOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    );
  } catch {
    return [];
  }
}
