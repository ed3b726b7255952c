// Imports follow the arrows of docs/architecture.md: a layer may import those to its right, never a sibling or the left.

/** The layers of src/, from left to right; those on one line are siblings. */
const layers = [
  ['health', 'auth'],
  ['tokens', 'users'],
  ['clients', 'audit', 'rate-limit'],
  ['database'],
  ['metrics'],
  ['config'],
  ['common'],
];

/** The chapters of src/tokens/, likewise. */
const chapters = [['purge'], ['endpoints'], ['refresh'], ['access'], ['sessions'], ['revocation'], ['keys']];

function arrowsOf(steps, folder, prefix) {
  return steps.flatMap((siblings, at) =>
    siblings.map((name) => ({
      name: `${prefix}-${name}`,
      comment: `${folder}${name} may import only what stands to its right in docs/architecture.md.`,
      severity: 'error',
      from: { path: `^${folder}${name}/` },
      to: { path: `^${folder}(${leftOf(steps, at, name).join('|')})/` },
    })),
  );
}

function leftOf(steps, at, name) {
  return steps
    .slice(0, at + 1)
    .flat()
    .filter((other) => other !== name)
    .concat('nothing-else');
}

export default {
  forbidden: [
    ...arrowsOf(layers, 'src/', 'arrows'),
    ...arrowsOf(chapters, 'src/tokens/', 'chapters'),
    {
      name: 'folders-do-not-import-the-root',
      comment: 'The files directly under src/ put the service together; nothing below them knows them.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'packages-do-not-know-the-service',
      comment: 'Other teams install what is under packages/, and get nothing of the service with it.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(src|test|scripts|bench|examples)/' },
    },
    {
      name: 'packages-are-entered-by-their-index',
      comment: 'A package is what its index exports, for the service as for everybody else.',
      severity: 'error',
      from: { path: '^(src|packages/([^/]+))/' },
      to: { path: '^packages/', pathNot: ['^packages/$2/', '^packages/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'revocation-set-needs-nothing',
      comment: 'It is one half of a promise of bytes and microseconds, which nobody else can keep for it.',
      severity: 'error',
      from: { path: '^packages/revocation-set/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^packages/revocation-set/' },
    },
    {
      name: 'no-circles',
      comment: 'Files that import each other in a circle cannot be read one after the other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'production-needs-no-development-package',
      comment: 'The image has no development packages.',
      severity: 'error',
      from: { path: '^(src|packages)/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@recant/source', 'import', 'require', 'node', 'default'],
    },
  },
};
