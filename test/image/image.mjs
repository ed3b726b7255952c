import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { buildahIn } from './buildah.mjs';
import { npmVolumes } from './npm-settings.mjs';
import { standInFor } from './stand-in.mjs';

const NAME = 'localhost/recant:test';

/**
 * Builds the checkout as it lies, uncommitted files and all, so that .dockerignore has something to keep out.
 *
 * @returns where the image's file system lies, and its configuration
 */
export async function buildImage(folder) {
  const buildah = buildahIn(folder, await standInFor(baseImage()));
  // Without `docker` as its format, buildah drops the health check.
  const options = ['--isolation', 'chroot', '--pull=never', '--format', 'docker', ...(await npmVolumes(folder))];
  await buildah('build', ...options, '--tag', NAME, '--file', 'Dockerfile', '.');
  const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', NAME));
  const root = await buildah('mount', await buildah('from', '--pull=never', NAME));
  return { root, config: Docker.config };
}

function baseImage() {
  const bases = [...readFileSync('Dockerfile', 'utf8').matchAll(/^FROM (node:(\d+)-([a-z]+)-slim)\b/gm)];
  assert.equal(
    new Set(bases.map(([, image]) => image)).size,
    1,
    'the Dockerfile must have one slim Node image as base',
  );
  const [, image, nodeMajor, suite] = bases[0];
  return { image, nodeMajor, suite };
}
