import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type GatewayKind } from './gateway.js';
import { keepsThePromises } from './promises.js';

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** What Debian has around a file of conf.d, for one process of the tests. */
async function mainConfig(config: string, folder: string): Promise<string> {
  const file = join(folder, 'nginx.conf');
  const paths = TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`);
  await writeFile(
    file,
    `user ${userInfo().username}; worker_processes 1; daemon off; pid ${folder}/pid; error_log stderr;
     events {} http { access_log off; ${paths.join(' ')} include ${config}; }`,
  );
  return file;
}

const nginx: GatewayKind = {
  example: 'examples/gateways/nginx/recant.conf',
  listen: (port) => `127.0.0.1:${port}`,
  forged: [],
  command: async (config, folder) => ['/usr/sbin/nginx', '-p', folder, '-c', await mainConfig(config, folder)],
};

// Real: nginx of Debian's nginx-light, two processes of the built Recant, PostgreSQL. The service is the test's.
keepsThePromises('nginx', nginx);
