// Builds the production image for real and uses it: `npm run test:image`, as root on a Debian, without an engine.
//
// Real: the Dockerfile, its build, the file system and configuration that come out of it, the service run from them as
// process 1 on a read-only root, PostgreSQL. Not real: the base image (see stand-in.mjs) and an engine's network.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { check, conclude, fail } from './check.mjs';
import { Container } from './container.mjs';
import { checkContents } from './contents.checks.mjs';
import { buildImage } from './image.mjs';
import { checkLife, checkRefusals, checkSecretFiles } from './life.checks.mjs';
import { emptyDatabase, freePort } from './postgres.mjs';
import { installTools } from './stand-in.mjs';
import { withWorkFolder } from './work-folder.mjs';

async function testImage(folder) {
  const image = await check('The Dockerfile builds.', () => buildImage(folder));
  if (!image) return;
  await checkContents(image);
  await useImage(folder, image);
}

async function useImage(folder, image) {
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets);
  const container = new Container({ ...image, secrets });
  const database = await emptyDatabase(folder);
  try {
    const settings = {
      PORT: String(await freePort()),
      DATABASE_URL: database.url,
      ENCRYPTION_SECRET: randomBytes(32).toString('base64'),
    };
    await checkRefusals(container, settings);
    const accessToken = await checkLife(container, settings);
    await checkSecretFiles(container, settings, accessToken);
  } finally {
    await database.remove();
  }
}

try {
  assert.equal(process.getuid(), 0, 'npm run test:image lays out file systems, so it needs root');
  await installTools();
  await withWorkFolder(testImage);
} catch (error) {
  fail('The test of the image comes to its end.', error);
}
conclude();
