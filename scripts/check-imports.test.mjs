import { describe, expect, it } from 'vitest';
import { checkImports } from './check-imports.mjs';
import { withTree } from './lib/temporary-tree.mjs';

const server = 'packages/server/src';

/** Files that rules speak of, importing nothing. */
const quiet = Object.fromEntries(
  [
    'server.ts',
    'config.ts',
    'open-conversation.ts',
    'lib/clock.ts',
    'conversation/conversation.ts',
    'conversation/event-store.ts',
    'conversation/engine.ts',
    'providers/language-model.ts',
    'providers/builtin/brain.ts',
    'engine/native/reply.ts',
    'routing/router.ts',
    'routing/registry.ts',
    'store/store.ts',
    'store/sqlite/worker.ts',
    'transports/webrtc/session.ts',
    'api/app.ts',
    'testing/fake.ts',
  ].map((path) => [`${server}/${path}`, 'export const x = 1;\n']),
);
quiet['packages/protocol/src/index.ts'] = 'export const x = 1;\n';
quiet['packages/protocol/dist/index.js'] = 'export const x = 1;\n';
quiet['node_modules/@backchannel/protocol/package.json'] = '{"name":"@backchannel/protocol","exports":{".":"./index.js"}}';
quiet['node_modules/@backchannel/protocol/index.js'] = '';
for (const name of ['zod', 'fastify', 'ws', 'libsql', 'openai', 'yaml', 'pino', 'vitest', 'left-pad', 'react', 'vite']) {
  quiet[`node_modules/${name}/package.json`] = `{"name":"${name}","main":"index.js"}`;
  quiet[`node_modules/${name}/index.js`] = '';
}

/** [rule that must bite, file, what it imports] */
const forbidden = [
  ['lib-imports', 'lib/a.ts', '../conversation/conversation.js'],
  ['lib-imports', 'lib/b.ts', '@backchannel/protocol'],
  ['audio-imports', 'audio/a.ts', '../store/store.js'],
  ['conversation-imports', 'conversation/a.ts', '../store/store.js'],
  ['conversation-imports', 'conversation/b.ts', '../config.js'],
  ['conversation-imports', 'conversation/c.ts', '../engine/native/reply.js'],
  ['conversation-tests-import', 'conversation/d.test.ts', '../store/sqlite/worker.js'],
  ['the-core-does-no-io', 'conversation/e.ts', 'node:fs'],
  ['the-core-does-no-io', 'conversation/f.ts', 'node:worker_threads'],
  ['providers-imports', 'providers/builtin/a.ts', '@backchannel/protocol'],
  ['providers-imports', 'providers/a.ts', '../conversation/engine.js'],
  ['engine-imports', 'engine/native/a.ts', '../../conversation/conversation.js'],
  ['engine-imports', 'engine/native/b.ts', '../../providers/builtin/brain.js'],
  ['engine-imports', 'engine/native/c.ts', '../../store/store.js'],
  ['transports-imports', 'transports/websocket/a.ts', '../../routing/router.js'],
  ['transports-imports', 'transports/websocket/b.ts', '../../open-conversation.js'],
  ['transports-never-import-each-other', 'transports/websocket/c.ts', '../webrtc/session.js'],
  ['routing-imports', 'routing/a.ts', '../store/store.js'],
  ['routing-imports', 'routing/b.ts', '../api/app.js'],
  ['store-imports', 'store/a.ts', '../conversation/conversation.js'],
  ['store-imports', 'store/sqlite/b.ts', '../../routing/router.js'],
  ['api-imports', 'api/a.ts', '../conversation/event-store.js'],
  ['api-imports', 'api/b.ts', '../conversation/engine.js'],
  ['api-imports', 'api/routes/c.ts', '../../routing/registry.js'],
  ['api-imports', 'api/d.ts', '../store/sqlite/worker.js'],
  ['api-imports', 'api/e.ts', '../open-conversation.js'],
  ['config-imports', 'config.ts', './server.js'],
  ['only-the-composition-sees-everything', 'first-minute.ts', './store/sqlite/worker.js'],
  ['only-the-composition-sees-everything', 'first-agents.ts', './engine/native/reply.js'],
  ['only-the-composition-sees-everything', 'first-agents.ts', './conversation/conversation.js'],
  ['packages-meet-by-name', 'lib/c.ts', '../../../protocol/src/index.js'],
  ['fakes-are-for-tests', 'conversation/g.ts', '../testing/fake.js'],
  ['fakes-are-for-tests', 'server.ts', './testing/fake.js'],
  ['nobody-imports-a-test', 'lib/d.ts', './quiet.test.js'],
  ['only-one-folder-touches-fastify', 'transports/websocket/d.ts', 'fastify'],
  ['only-one-folder-touches-libsql', 'store/c.ts', 'libsql'],
  ['only-one-folder-touches-openai', 'engine/native/d.ts', 'openai'],
  ['only-one-folder-touches-yaml', 'config.ts', 'yaml'],
  ['only-one-folder-touches-pino', 'server.ts', 'pino'],
  ['only-one-folder-touches-ws', 'store/d.ts', 'ws'],
  ['only-one-folder-touches-zod', 'routing/c.ts', 'zod'],
  ['only-one-folder-touches-vitest', 'routing/d.ts', 'vitest'],
  ['every-library-is-named', 'lib/e.ts', 'left-pad'],
  ['every-import-resolves', 'lib/f.ts', './nowhere.js'],
  ['the-page-runs-in-browsers', '../../console/src/c.ts', 'node:fs'],
  ['only-one-folder-touches-react', 'api/f.ts', 'react'],
  ['only-one-folder-touches-vite', '../../console/src/b.ts', 'vite'],
  ['the-page-imports-the-protocol-only', '../../console/src/a.ts', '../../server/src/lib/clock.js'],
  ['protocol-imports-the-schema-library-only', '../../protocol/src/a.ts', 'node:crypto'],
  ['protocol-imports-the-schema-library-only', '../../protocol/src/b.ts', 'ws'],
  ['protocol-imports-the-schema-library-only', '../../protocol/src/c.ts', '../../server/src/lib/clock.js'],
];

const inRepository = (file) => (file.startsWith('../../') ? file.replace('../../', 'packages/') : `${server}/${file}`);

/** All of `cases` in one tree, so that the whole table costs one cruise. */
function treeOf(cases, line) {
  const tree = { ...quiet, [`${server}/lib/quiet.test.ts`]: 'export const x = 1;\n' };
  for (const [file, imported] of cases) tree[inRepository(file)] = `${tree[inRepository(file)] ?? ''}${line(imported)}\n`;
  return tree;
}

describe.each(['import type', 'import'])('%s', (word) => {
  const problems = withTree(
    treeOf(
      forbidden.map(([, file, imported]) => [file, imported]),
      (imported) => `${word} {} from '${imported}';`,
    ),
    checkImports,
  );

  it.each(forbidden)('%s bites at %s importing %s', async (rule, file) => {
    expect(await problems).toContainEqual(expect.stringMatching(new RegExp(`^${inRepository(file)} imports .*: ${rule}$`)));
  });

  it('bites nowhere else', async () => {
    const files = forbidden.map(([, file]) => `${inRepository(file)} `);
    expect((await problems).filter((problem) => !files.some((file) => problem.startsWith(file)))).toEqual([]);
  });
});

it('finds a cycle, also one of types alone', async () => {
  const cycle = {
    [`${server}/lib/a.ts`]: "import type { B } from './b.js';\nexport type A = B;\n",
    [`${server}/lib/b.ts`]: "import type { A } from './a.js';\nexport type B = A | 1;\n",
  };
  const problems = await withTree({ ...quiet, ...cycle }, checkImports);
  expect(problems.every((problem) => problem.endsWith(': no-cycles'))).toBe(true);
  expect(problems.length).toBeGreaterThan(0);
});

/** [file, what it may import] */
const permitted = [
  ['conversation/a.ts', '@backchannel/protocol'],
  ['conversation/b.ts', '../lib/clock.js'],
  ['conversation/c.test.ts', '../testing/fake.js'],
  ['conversation/d.test.ts', 'vitest'],
  ['engine/native/a.ts', '../../conversation/engine.js'],
  ['engine/native/b.ts', '../../providers/language-model.js'],
  ['transports/websocket/a.ts', '../../conversation/conversation.js'],
  ['transports/websocket/b.ts', 'ws'],
  ['routing/a.ts', '../conversation/conversation.js'],
  ['store/sqlite/a.ts', 'libsql'],
  ['store/sqlite/b.ts', '../../conversation/event-store.js'],
  ['api/a.ts', '../routing/router.js'],
  ['api/b.ts', '../store/store.js'],
  ['api/routes/c.ts', 'fastify'],
  ['providers/openai/a.ts', 'openai'],
  ['providers/builtin/a.ts', '../language-model.js'],
  ['server.ts', './store/sqlite/worker.js'],
  ['open-conversation.ts', './engine/native/reply.js'],
  ['main.ts', './server.js'],
  ['first-agents.ts', './store/store.js'],
  ['providers/builtin/b.test.ts', '@backchannel/protocol'],
  ['testing/a.ts', '../server.js'],
  ['testing/b.ts', 'vitest'],
  ['testing/c.ts', 'fastify'],
];

it('leaves the rest alone', async () => {
  expect(
    await withTree(
      treeOf(permitted, (imported) => `import {} from '${imported}';`),
      checkImports,
    ),
  ).toEqual([]);
});
