import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.mjs';

const SETTINGS = ['registry', 'cafile', 'proxy', 'https-proxy', 'strict-ssl'];

/**
 * How this machine reaches a package registry, as `--volume` options: npm in the build reads it from files that are laid
 * over the build's file system, so neither the Dockerfile nor the image knows of them.
 */
export async function npmVolumes(folder) {
  const settings = JSON.parse(await command('npm', ['config', 'list', '--long', '--json']));
  const given = SETTINGS.filter((name) => settings[name] !== null && settings[name] !== undefined);
  const lines = given.map((name) => `${name} = ${JSON.stringify(settings[name])}`);
  const file = join(folder, 'npmrc');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const volumes = [`${file}:/usr/local/etc/npmrc:ro`];
  if (settings.cafile) volumes.push(`${settings.cafile}:${settings.cafile}:ro`);
  return volumes.flatMap((volume) => ['--volume', volume]);
}
