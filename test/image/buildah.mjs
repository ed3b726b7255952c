import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.mjs';

/**
 * Buildah with its storage in one folder. vfs and chroot need neither kernel modules nor a service, so this works where
 * no engine does; the price is that a layer is a full copy.
 *
 * @param folder where images, containers and temporary files go; removing it removes everything
 * @param baseImages storage of another `buildahIn` whose images may be used and are never changed
 */
export function buildahIn(folder, baseImages) {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const options = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  if (baseImages) options.push('--storage-opt', `vfs.imagestore=${join(baseImages, 'storage')}`);
  return (...args) => command('buildah', [...options, ...args], { env: { TMPDIR: temporary } });
}
