import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildahIn } from './buildah.mjs';
import { command, isInstalled } from './command.mjs';

const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'recant-image');
const TOOLS = ['buildah', 'debootstrap'];
const PATH_IN_IMAGE = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
// Nobody reads these in a container, and every layer would carry a copy of them.
const DEAD_WEIGHT = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale', 'usr/share/man'];

/**
 * A stand-in for the Dockerfile's base image, for machines that reach no image registry: the same Debian suite, the
 * newest Node of the same line, npm, the same user and an entry point that runs its arguments.
 *
 * It is not the official image: it cannot tell that the tag exists there, nor what a later one brings.
 *
 * @returns the folder whose storage holds it under the base image's own name
 */
export async function standInFor({ image, nodeMajor, suite }) {
  const [node, npm] = await Promise.all([newest(`node-linux-${process.arch}@${nodeMajor}`), newest('npm@11')]);
  const finished = join(CACHE, `${suite}-${process.arch}-node${node}-npm${npm}`);
  if (existsSync(finished)) return finished;

  console.log(`Building a stand-in for ${image} (Node ${node}, npm ${npm}); it is kept in ${CACHE}.`);
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'));
  try {
    await build(unfinished, { image, suite, packages: [`node-linux-${process.arch}@${node}`, `npm@${npm}`] });
    for (const old of readdirSync(CACHE)) {
      if (!old.startsWith('unfinished-')) rmSync(join(CACHE, old), { recursive: true, force: true });
    }
    renameSync(unfinished, finished);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return finished;
}

/** Installs what building needs and the machine lacks. */
export async function installTools() {
  const missing = [];
  for (const tool of TOOLS) if (!(await isInstalled(tool))) missing.push(tool);
  if (missing.length === 0) return;
  console.log(`Installing ${missing.join(' and ')}.`);
  await command('apt-get', ['update', '-qq']);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await command('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
}

async function newest(range) {
  // npm lists the versions of a range in the order of their publication.
  const versions = [JSON.parse(await command('npm', ['view', range, 'version', '--json']))].flat();
  return versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

async function build(folder, { image, suite, packages }) {
  const buildah = buildahIn(folder);
  const container = await buildah('from', 'scratch');
  const root = await buildah('mount', container);
  // In its own mount namespace: the /proc that debootstrap mounts cannot outlive it, whatever happens.
  const bootstrap = ['--mount', 'debootstrap', '--variant=minbase', suite, root, await mirror()];
  await command('unshare', bootstrap, { env: await aptProxy() });
  for (const path of DEAD_WEIGHT) rmSync(join(root, path), { recursive: true, force: true });
  await command('chroot', [root, 'useradd', '--uid', '1000', '--user-group', '--create-home', 'node']);
  await addNode(root, packages, join(folder, 'tmp'));
  const entrypoint = '["docker-entrypoint.sh"]';
  await buildah('config', '--env', `PATH=${PATH_IN_IMAGE}`, '--entrypoint', entrypoint, '--cmd', 'node', container);
  await buildah('commit', '--quiet', '--rm', container, `docker.io/library/${image}`);
}

async function addNode(root, packages, downloads) {
  const packed = JSON.parse(await command('npm', ['pack', '--json', '--pack-destination', downloads, ...packages]));
  const [node, npm] = [packed].flat().map(({ filename }) => join(downloads, filename));
  const local = join(root, 'usr/local');
  const npmHome = join(local, 'lib/node_modules/npm');
  mkdirSync(npmHome, { recursive: true });
  const asRoot = ['--no-same-owner', '--strip-components=1'];
  await command('tar', ['-xzf', node, '-C', local, ...asRoot, 'package/bin']);
  await command('tar', ['-xzf', npm, '-C', npmHome, ...asRoot]);
  for (const name of ['npm', 'npx']) {
    await command('ln', ['-s', `../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name)]);
  }
  const entrypoint = join(local, 'bin/docker-entrypoint.sh');
  writeFileSync(entrypoint, '#!/bin/sh\nexec "$@"\n');
  chmodSync(entrypoint, 0o755);
}

/** The Debian mirror that this machine's apt uses: a network may let no other through. */
async function mirror() {
  const url = (await debianTargets()) || (await command('apt-get', ['update', '-qq']), await debianTargets());
  if (!url) throw new Error('apt has no source whose origin is Debian, so there is nothing to build a base image from');
  return url;
}

async function debianTargets() {
  const filter = ['Created-By: Packages', 'Origin: Debian', 'Component: main'];
  const targets = await command('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE)', ...filter]);
  // bookworm, not bookworm-updates or bookworm-security, which live beside it.
  const line = targets.split('\n').find((target) => /^\S+ [a-z]+$/.test(target));
  return line?.split(' ')[0];
}

async function aptProxy() {
  const line = await command('apt-config', ['shell', 'proxy', 'Acquire::http::Proxy']);
  const proxy = /^proxy='(.+)'$/.exec(line)?.[1];
  return proxy ? { http_proxy: proxy } : {};
}
