/**
 * Waits for some work no longer than so many seconds. What is late goes on until the cleanup ends what it needs.
 *
 * @template T
 * @param {number} limitSeconds @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export function inTime(limitSeconds, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limitSeconds} s`)), limitSeconds * 1000);
  });
  // Its failure, once nobody waits any more, is no other fault.
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
