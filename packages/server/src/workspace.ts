import { newWorkspaceId, randomPart } from '@backchannel/protocol';
import { readEnvironment } from './environment.js';
import { hashKey, lastFour, newApiKey } from './lib/api-key.js';
import { addKey } from './store/sqlite/add-key.js';
import { StoreOpenError } from './store/store-open-error.js';

/** `npm run workspace -- NAME`: makes a workspace and prints its key, this once; of one that exists, a further key. */
function main(): void {
  const [name, ...rest] = process.argv.slice(2);
  if (name === undefined || name.startsWith('-') || rest.length > 0 || !/^[\w .-]{1,64}$/.test(name)) {
    return fail('Usage: npm run workspace -- NAME   (letters, digits, space, dot, dash; at most 64)');
  }
  const read = readEnvironment(process.env);
  if (!read.ok) return fail(read.problems.join('\n'));
  const value = newApiKey();
  const row = {
    keyId: `key_${randomPart()}`,
    name: 'workspace',
    hash: hashKey(value),
    scopes: ['convai_write', 'admin'],
    lastFour: lastFour(value),
    source: 'installation' as const,
    createdAt: Date.now(),
  };
  try {
    const { isNew } = addKey(read.environment.BACKCHANNEL_DATA ?? './data', { id: newWorkspaceId(), name }, row);
    process.stdout.write(
      `${isNew ? `Workspace ${name} was made` : `Workspace ${name} exists; this is a further key of it`}. Its key, shown this once:\n${value}\n`,
    );
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    fail(error.message);
  }
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

main();
