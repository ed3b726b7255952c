// A client that may follow the outer feed.
import { exchange, expectJson } from '../support/http-client.mjs';
import { NodeProcess } from '../support/processes.mjs';
import { fileURLToPath } from 'node:url';

const CREATE_CLIENT = fileURLToPath(new URL('../../dist/create-client.js', import.meta.url));

/**
 * Makes the client, and answers how to follow a service from now on: nothing of what was before is sent.
 *
 * @param {import('../support/stage.mjs').Stage} stage @param {string} url of a service
 * @returns {Promise<(() => Promise<{ url: string, authorization: string, lastEventId: string }>) | null>} null where the
 *   service has no such feed
 */
export async function openFeed(stage, url) {
  const authorization = await makeClient(stage);
  const { status, text } = await exchange(`${url}/revocations?limit=1`, { headers: { authorization } });
  if (status === 404) return null;
  if (status !== 200) throw new Error(`${url}/revocations answered ${status}: ${text}`);
  return async () => {
    const { number } = await expectJson(200, `${url}/revocations?limit=1`, { headers: { authorization } });
    return { url, authorization, lastEventId: String(number) };
  };
}

async function makeClient({ variables, cwd, bench }) {
  const args = ['--name', 'bench', '--scope', 'revocations:read'];
  const command = new NodeProcess(CREATE_CLIENT, { args, env: variables, cwd, cleanup: bench.cleanup });
  const id = command.printed(/^client_id=(.+)$/);
  const secret = await command.printed(/^client_secret=(.+)$/);
  return `Basic ${Buffer.from(`${await id}:${secret}`).toString('base64')}`;
}
