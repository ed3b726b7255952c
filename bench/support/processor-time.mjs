// How busy a process is, from outside. Only Linux tells; elsewhere the answer is null.
import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second here, whatever its kernel's own tick is (proc(5), USER_HZ). */
const TICK_SECONDS = 0.01;

/** Seconds of processor time that a process has used so far, its threads included. @param {number | undefined} pid */
export function processorSeconds(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name, in brackets, and may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
    return (userTicks + systemTicks) * TICK_SECONDS;
  } catch {
    return null;
  }
}

/** Notes what a process has used; the function that it answers tells the share of one core since then. */
export function watchProcessor(pid) {
  const used = processorSeconds(pid);
  const begun = performance.now();
  return () => {
    const now = processorSeconds(pid);
    return used === null || now === null ? null : (now - used) / ((performance.now() - begun) / 1000);
  };
}
