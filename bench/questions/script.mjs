// What the scripts of scripts/ measure: each prints a line of JSON at its end.
import { fileURLToPath } from 'node:url';
import { NodeProcess } from '../support/processes.mjs';

/** @param {string} name under scripts/ @param {{ cleanup: object, nodeArgs?: string[] }} options */
export async function figuresOf(name, options) {
  const path = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  const script = new NodeProcess(path, options);
  const code = await script.ended;
  if (code !== 0) throw new Error([`${name} ended with ${code}`, ...script.lines].join('\n'));
  return JSON.parse(script.lines.at(-1));
}
