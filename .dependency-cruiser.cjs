/**
 * Who may import whom; type imports count. `ARCHITECTURE.md` says why. Run by `scripts/check-imports.mjs`, whose test proves that each rule bites.
 * Tests obey the rules of their folder and may import `testing/` and `protocol` besides; `testing/` itself stands in for anybody.
 */
const SERVER = '^packages/server/src';
const TESTS = '[.]test[.]ts$';
/** A package by its name, in whichever folder it was installed or built. */
const PROTOCOL = '(^|/)@backchannel/protocol(/|$)|^packages/protocol/';
const EVERYBODY = [`${SERVER}/(lib|audio)/`];
/** The only files that see everything, because they put it together. */
const COMPOSITION = `${SERVER}/(main|server|open-conversation|admission|initiation|key-sessions|agent-runtime|models|workspace|replay)[.]ts$`;
const CONVERSATION_PORTS = `${SERVER}/conversation/(client-session|engine|event-store|record)[.]ts$`;
const PROVIDER_PORTS = `${SERVER}/providers/[^/]+[.]ts$`;
const STORE_PORT = `${SERVER}/store/store(-open-error)?[.]ts$`;
/** The router, and the waits that are built on its `follow`. */
const ROUTER_PORT = `${SERVER}/routing/(router|router-port|await-receipt|await-end)[.]ts$`;

/** What each folder (or file) of the server may import of ours, besides itself and what everybody may. */
const MAY_IMPORT = {
  'lib/': [],
  'audio/': [],
  'conversation/': [PROTOCOL],
  'providers/': [],
  // The ports hand an engine the record, so its shape belongs to them.
  'engine/': [CONVERSATION_PORTS, PROVIDER_PORTS, PROTOCOL],
  'transports/': [`${SERVER}/conversation/`, PROTOCOL],
  'routing/': [`${SERVER}/conversation/`, PROTOCOL],
  'store/': [`${SERVER}/conversation/event-store[.]ts$`, PROTOCOL],
  'api/': [ROUTER_PORT, STORE_PORT, PROTOCOL],
  'config[.]ts': [PROTOCOL],
};

/** Each outside library is touched by one folder; what is not named here is touched by nobody. */
const LIBRARIES = {
  zod: ['^packages/protocol/src/', `${SERVER}/(api/|config[.]ts$)`],
  fastify: [`${SERVER}/api/`],
  '@fastify/[^/]+': [`${SERVER}/api/`],
  'fastify-type-provider-zod': [`${SERVER}/api/`],
  libsql: [`${SERVER}/store/sqlite/`],
  openai: [`${SERVER}/providers/openai/`],
  yaml: [`${SERVER}/providers/builtin/`],
  pino: [`${SERVER}/lib/`],
  // The exception: a socket is what several doors and the relay are made of.
  ws: [`${SERVER}/(transports|api|routing|engine)/`, COMPOSITION],
  react: ['^packages/console/src/'],
  'react-dom': ['^packages/console/src/'],
  '@elevenlabs/client': ['^packages/console/src/client-session[.]ts$', '^packages/console/src/live-conversation[.]ts$'],
  vite: ['^packages/console/vite[.]config[.]mjs$'],
  vitest: [TESTS],
  'fast-check': [TESTS],
};

const NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];
const packageName = (name) => `(^|/)node_modules/(@types/)?${name}(/|$)|^${name}(/|$)`;

const folderRules = Object.entries(MAY_IMPORT).flatMap(([folder, allowed]) => {
  const name = folder.replace(/[^a-z]|ts$/g, '');
  const own = `${SERVER}/${folder}`;
  const may = [own, ...allowed, ...EVERYBODY];
  const ours = '^packages/|(^|/)@backchannel/';
  return [
    {
      name: `${name}-imports`,
      severity: 'error',
      from: { path: own, pathNot: TESTS },
      to: { path: ours, pathNot: may },
    },
    {
      name: `${name}-tests-import`,
      severity: 'error',
      from: { path: `${own}.*${TESTS}` },
      to: { path: ours, pathNot: [...may, `${SERVER}/testing/`, PROTOCOL] },
    },
  ];
});

const libraryRules = Object.entries(LIBRARIES).map(([library, folders]) => ({
  name: `only-one-folder-touches-${library.replace(/[^a-z-]/g, '')}`,
  severity: 'error',
  from: { path: '^packages/', pathNot: [...folders, `${SERVER}/testing/`] },
  to: { path: packageName(library) },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...folderRules,
    {
      name: 'only-the-composition-sees-everything',
      severity: 'error',
      from: { path: `${SERVER}/[^/]+$`, pathNot: [TESTS, COMPOSITION] },
      to: { path: `${SERVER}/[^/]+/`, pathNot: [CONVERSATION_PORTS, PROVIDER_PORTS, STORE_PORT, ROUTER_PORT, ...EVERYBODY] },
    },
    {
      name: 'transports-never-import-each-other',
      severity: 'error',
      from: { path: `${SERVER}/transports/([^/]+)/` },
      to: { path: `${SERVER}/transports/[^/]+/`, pathNot: `${SERVER}/transports/$1/` },
    },
    {
      name: 'protocol-imports-the-schema-library-only',
      severity: 'error',
      from: { path: '^packages/protocol/src/', pathNot: TESTS },
      to: { pathNot: ['^packages/protocol/src/', packageName('zod')] },
    },
    {
      name: 'the-page-imports-the-protocol-only',
      severity: 'error',
      from: { path: '^packages/console/src/', pathNot: TESTS },
      to: { path: '^packages/|(^|/)@backchannel/', pathNot: ['^packages/console/src/', PROTOCOL] },
    },
    {
      name: 'the-page-runs-in-browsers',
      severity: 'error',
      from: { path: '^packages/console/src/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the-core-does-no-io',
      severity: 'error',
      from: { path: `${SERVER}/conversation/`, pathNot: TESTS },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|util|assert|buffer)$' },
    },
    {
      name: 'packages-meet-by-name',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/[^/]+/src/', pathNot: '^packages/$1/' },
    },
    {
      name: 'fakes-are-for-tests',
      severity: 'error',
      from: { path: '^packages/', pathNot: [TESTS, `${SERVER}/testing/`] },
      to: { path: `${SERVER}/testing/` },
    },
    {
      name: 'nobody-imports-a-test',
      severity: 'error',
      from: {},
      to: { path: TESTS },
    },
    ...libraryRules,
    {
      name: 'every-library-is-named',
      severity: 'error',
      from: { path: '^packages/' },
      to: { dependencyTypes: NPM, pathNot: [PROTOCOL, ...Object.keys(LIBRARIES).map(packageName)] },
    },
    {
      name: 'every-import-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: [PROTOCOL, ...Object.keys(LIBRARIES).map(packageName)] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '/dist/.*[.]test[.]' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
};
