import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { check } from './check.mjs';

const START_MS_AT_MOST = 30_000;
const STOP_MS_AT_MOST = 10_000;
const HEALTH_CHECK_MS_AT_MOST = 5_000;
const SECRET_ANSWER = { answer: 'You are accessing super secret blueprint' };

/** Without what production must be given, a container ends at once and names it. */
export async function checkRefusals(container, settings) {
  for (const name of ['ENCRYPTION_SECRET', 'DATABASE_URL']) {
    await check(`Without ${name} the container stops and says so.`, async () => {
      const { [name]: _missing, ...rest } = settings;
      const running = container.start(rest);
      assert.notEqual(await running.exitCode(START_MS_AT_MOST), 0);
      assert.match(running.printed, new RegExp(`^.*${name}.*$`, 'm'));
    });
  }
}

/** From the first start on an empty database to SIGTERM. Returns an access token that was issued in between. */
export async function checkLife(container, settings) {
  const running = container.start(settings);
  let accessToken;
  try {
    await check('The container starts on an empty database, with a read-only root.', () =>
      untilHealthy(running, settings),
    );
    await check('The service is process 1 of an ordinary user without any privilege.', () =>
      assertUnprivileged(running, container.config.User),
    );
    await check('The health check passes while the service runs.', async () => {
      assert.equal(await healthCheck(container, settings), 0);
    });
    accessToken = await check('A user who registers gets an access token that opens the secret.', async () => {
      const issued = await register(settings);
      await assertLetThrough(settings, issued);
      return issued;
    });
    await check('SIGTERM ends the container cleanly within ten seconds.', async () => {
      running.stop();
      assert.equal(await running.exitCode(STOP_MS_AT_MOST), 0, running.printed);
    });
  } finally {
    await running.kill();
  }
  await check('The health check fails when the service does not run.', async () => {
    assert.equal(await healthCheck(container, settings), 1);
  });
  return accessToken;
}

/** A second container on the same database, with its secrets in files as compose.yaml gives them. */
export async function checkSecretFiles(container, { ENCRYPTION_SECRET, DATABASE_URL, ...rest }, accessToken) {
  writeFileSync(join(container.secrets, 'encryption_secret'), `${ENCRYPTION_SECRET}\n`, { mode: 0o444 });
  writeFileSync(join(container.secrets, 'database_url'), `${DATABASE_URL}\n`, { mode: 0o444 });
  const files = {
    ENCRYPTION_SECRET_FILE: '/run/secrets/encryption_secret',
    DATABASE_URL_FILE: '/run/secrets/database_url',
  };
  const running = container.start({ ...rest, ...files });
  try {
    await check('With its secrets in files, a new container accepts what the last one issued.', async () => {
      await untilHealthy(running, rest);
      await assertLetThrough(rest, accessToken);
    });
    await check('The tool in the image makes an administrator meanwhile.', async () => {
      const command = ['node', 'dist/create-admin.js', '--username', 'harbour-master'];
      const tool = container.start({ ...rest, ...files }, { command, input: randomBytes(16).toString('hex') });
      assert.equal(await tool.exitCode(START_MS_AT_MOST), 0, tool.printed);
    });
  } finally {
    await running.kill();
  }
}

async function untilHealthy(running, settings) {
  const deadline = performance.now() + START_MS_AT_MOST;
  for (;;) {
    const answer = await call(settings, '/health/live').catch(() => undefined);
    if (answer?.ok) return;
    if (running.hasEnded || performance.now() > deadline) throw new Error(`it did not start:\n${running.printed}`);
    await pause(50);
  }
}

function call({ PORT }, path, init) {
  return fetch(`http://127.0.0.1:${PORT}${path}`, init);
}

function assertUnprivileged(running, user) {
  const [uid, gid] = user.split(':');
  assert.equal(running.status('Uid').split('\t')[0], uid);
  assert.equal(running.status('Gid').split('\t')[0], gid);
  assert.match(running.status('NSpid'), /\t1$/);
  assert.equal(BigInt(`0x${running.status('CapEff')}`), 0n);
}

function healthCheck(container, settings) {
  const [, ...command] = container.config.Healthcheck.Test;
  return container.start(settings, { command }).exitCode(HEALTH_CHECK_MS_AT_MOST);
}

async function register(settings) {
  const answer = await call(settings, '/registration', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'harbour-pilot', password: randomBytes(16).toString('hex') }),
  });
  assert.equal(answer.status, 201);
  return (await answer.json()).access_token;
}

async function assertLetThrough(settings, accessToken) {
  assert.equal((await call(settings, '/secret')).status, 401);
  const answer = await call(settings, '/secret', { headers: { authorization: `Bearer ${accessToken}` } });
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), SECRET_ANSWER);
}
