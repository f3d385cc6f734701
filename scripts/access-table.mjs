// Keeps the tables of docs/access.md in step with what the routes declare: `node scripts/access-table.mjs --check` (also when nothing is
// said), or `--write`. Needs a build. A route that begins to ask for less shows in the document, and so in the review of the change.
import { asCommand } from './lib/as-command.mjs';
import { compiled } from './lib/compiled.mjs';
import { generatedBlocks } from './lib/generated-blocks.mjs';

const FILES = ['docs/access.md'];

/** What each scope is for, beside the routes that it opens. */
const MEANINGS = {
  'conversations:read': 'read conversations, their logs and transcripts',
  'messages:write':
    'speak as the user: `user_message`, `contextual_update`; open, label, end and erase conversations; connect to the socket with the key',
  'messages:speak': 'speak as the agent: `agent_message`, `instruction`',
  'monitor:read': 'listen in; no route yet',
  'takeover:write': 'answer in the agent’s place: `human_message`; refused until takeovers exist',
  'agents:write': 'make, change and delete agents',
  'tokens:mint': 'mint signed URLs',
  admin: 'everything, and the API keys',
};

/** One line for each scope without a meaning, each meaning without a scope, and each table that is not what the routes declare. */
export async function checkAccessTable(root, { scopes, routes, meanings = MEANINGS, write = false } = {}) {
  const known = scopes ?? (await compiled('server/dist/api/scopes.js')).SCOPES;
  const problems = [
    ...known.filter((scope) => !(scope in meanings)).map((scope) => `scripts/access-table.mjs: say what ${scope} is for`),
    ...Object.keys(meanings)
      .filter((scope) => !known.includes(scope))
      .map((scope) => `scripts/access-table.mjs: there is no scope ${scope}`),
  ];
  if (problems.length > 0) return problems;
  const declared = routes ?? (await declaredRoutes());
  const parts = [
    { name: 'scope-table', files: FILES, text: scopeTable(known, meanings), what: 'table of scopes' },
    { name: 'route-table', files: FILES, text: routeTable(declared), what: 'table of routes' },
  ];
  return generatedBlocks(root, parts, { script: 'scripts/access-table.mjs', write });
}

/** As a server of its own tells them. */
async function declaredRoutes() {
  const { startTestApi } = await compiled('server/dist/testing/start-test-api.js');
  const api = await startTestApi();
  try {
    const { paths } = (await api.call('GET', '//openapi.json', { key: null })).body;
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        route: `${method.toUpperCase()} ${path}`,
        scopes: operation['x-scopes'],
        reach: operation['x-reach'],
      })),
    );
  } finally {
    await api[Symbol.asyncDispose]();
  }
}

function scopeTable(scopes, meanings) {
  return ['| scope | lets its key |', '|---|---|', ...scopes.map((scope) => `| \`${scope}\` | ${meanings[scope]} |`)].join('\n');
}

const REACH = { conversation: 'anybody’s, a token’s too', agents: 'a restricted key’s too', workspace: 'a whole workspace’s' };

function routeTable(routes) {
  const lines = routes.map(({ route, scopes, reach }) => {
    const needed = scopes === undefined ? 'no key' : scopes.map((scope) => `\`${scope}\``).join(' or ');
    return `| \`${route}\` | ${needed} | ${reach === undefined ? '–' : REACH[reach]} |`;
  });
  return ['| route | scope, any one | key |', '|---|---|---|', ...lines].join('\n');
}

const asked = process.argv[2];
if (asked === '--check' || asked === '--write') process.argv.splice(2, 1);
await asCommand(import.meta.url, (root) => checkAccessTable(root, { write: asked === '--write' }));
