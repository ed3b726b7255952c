import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service.js';

// Real: the README's own lines, in a shell, with curl, against the service.
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const hasCurl = spawnSync('sh', ['-c', 'command -v curl']).status === 0;

interface Step {
  command: string;
  output: string;
}

/** The commands of the console block, each with what it prints. */
async function steps(): Promise<Step[]> {
  const readme = await readFile('README.md', 'utf8');
  const block = /```console\n([\s\S]*?)```/.exec(readme)![1]!;
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command, ...output] = text.split('\n');
      return { command: command!, output: output.join('\n').trim() };
    });
}

/** All commands in one shell, since they hand variables on; a line that nothing prints divides what they print. */
async function run(commands: string[]): Promise<string[]> {
  const divider = '----8<----';
  const script = commands.map((command) => `${command}; printf '\\n${divider}\\n'`).join('\n');
  const here = script.replaceAll('localhost:3000', new URL(service.api.url).host);
  const { stdout } = await promisify(execFile)('sh', ['-c', here]);
  return stdout.split(divider).map((output) => output.trim());
}

function patternOf(output: string): RegExp {
  const escaped = output.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('…', '[^"]+')}$`);
}

describe('the README', () => {
  it.skipIf(!hasCurl)('prints what its lines print', async () => {
    const told = await steps();
    expect(told.length).toBeGreaterThan(9);
    const outputs = await run(told.map(({ command }) => command));
    for (const [index, { output }] of told.entries()) expect(outputs[index]).toMatch(patternOf(output));
  });
});
