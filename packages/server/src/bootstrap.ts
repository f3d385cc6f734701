import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newWorkspaceId, randomPart } from '@backchannel/protocol';
import { hashConfig } from './agent-runtime.js';
import { DEMO_AGENTS } from './demo-agents.js';
import { type KeyPlace, keyPlace } from './key-place.js';
import { hashKey, lastFour, newApiKey } from './lib/api-key.js';
import type { KeyRow, Store } from './store/store.js';

/** What a start finds or makes before anything is served. */
export type Installation = {
  readonly signingSecret: string;
  readonly workspaceId: string;
  /** How whoever runs this server gets at the default workspace's key. */
  readonly key:
    | { readonly kind: 'environment' }
    | { readonly kind: 'file'; readonly path: string }
    /** Shown this once: it is kept nowhere. */
    | { readonly kind: 'shown'; readonly value: string }
    | { readonly kind: 'known' };
  /** The same for commands that are run where this server was started. */
  readonly keyPlace: KeyPlace;
};

type Options = { readonly dataDir: string; readonly loopback: boolean; readonly apiKey: string | undefined; readonly wall: () => number };

/** What keeps the server from starting, in a sentence that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The first start makes a workspace, its key, two agents and the signing secret; every later one finds them. */
export async function prepareInstallation(store: Store, options: Options): Promise<Installation> {
  const known = await store.settings.get('default_workspace');
  const workspaceId = known ?? (await firstStart(store, options.wall()));
  const signingSecret =
    (await store.settings.get('signing_secret')) ?? (await setting(store, 'signing_secret', randomBytes(32).toString('base64url')));
  const key = await prepareKey(store, workspaceId, options);
  return { signingSecret, workspaceId, key, keyPlace: keyPlace(key.kind === 'file' ? key.path : undefined, process.cwd()) };
}

async function firstStart(store: Store, wall: number): Promise<string> {
  const workspaceId = newWorkspaceId();
  await store.keys.createWorkspace(workspaceId, 'default');
  for (const { agentId, config } of DEMO_AGENTS) {
    const text = JSON.stringify(config);
    await store.agents.put({
      agentId,
      workspaceId,
      name: config.name,
      config: text,
      hash: hashConfig(text),
      createdAt: wall,
      updatedAt: wall,
    });
  }
  // Last: a start that was cut off before this line begins anew.
  return setting(store, 'default_workspace', workspaceId);
}

async function setting(store: Store, name: string, value: string): Promise<string> {
  await store.settings.set(name, value);
  return value;
}

async function prepareKey(store: Store, workspaceId: string, { dataDir, loopback, apiKey, wall }: Options): Promise<Installation['key']> {
  await expireEnvironmentKeys(store, workspaceId, apiKey, wall());
  if (apiKey !== undefined) {
    await keepEnvironmentKey(store, workspaceId, apiKey, wall());
    return { kind: 'environment' };
  }
  const path = join(dataDir, 'api-key');
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  const keptRow = kept === '' ? undefined : await store.keys.byHash(hashKey(kept));
  if (keptRow?.workspaceId === workspaceId && isGood(keptRow, wall())) return { kind: 'file', path };
  if (loopback) {
    const value = newApiKey();
    await store.keys.put(newRow(workspaceId, 'data/api-key', value, 'installation', wall()));
    writeFileSync(path, `${value}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
    return { kind: 'file', path };
  }
  const keys = await store.keys.list(workspaceId);
  // Nobody could make a key any more.
  if (keys.some((key) => key.scopes.includes('admin') && isGood(key, wall()))) return { kind: 'known' };
  const value = newApiKey();
  await store.keys.put(newRow(workspaceId, 'first start', value, 'installation', wall()));
  return { kind: 'shown', value };
}

/** A key is good while the environment names it: what an earlier start was given and this one is not has expired. */
async function expireEnvironmentKeys(store: Store, workspaceId: string, apiKey: string | undefined, wall: number): Promise<void> {
  const named = apiKey === undefined ? undefined : hashKey(apiKey);
  for (const key of await store.keys.list(workspaceId)) {
    if (key.source === 'environment' && key.hash !== named && isGood(key, wall)) await store.keys.put({ ...key, expiresAt: wall });
  }
}

async function keepEnvironmentKey(store: Store, workspaceId: string, apiKey: string, wall: number): Promise<void> {
  const before = await store.keys.byHash(hashKey(apiKey));
  if (before === undefined) {
    await store.keys.put(newRow(workspaceId, 'BACKCHANNEL_API_KEY', apiKey, 'environment', wall));
    return;
  }
  if (before.revokedAt !== undefined) throw new StartError('BACKCHANNEL_API_KEY is a key that was revoked: set another.');
  // Named again after another one was; a key from elsewhere keeps its own end.
  const { expiresAt, ...endless } = before;
  if (before.source === 'environment' && expiresAt !== undefined) await store.keys.put(endless);
}

const isGood = ({ revokedAt, expiresAt }: KeyRow, wall: number): boolean =>
  revokedAt === undefined && (expiresAt === undefined || expiresAt > wall);

/** Keys are kept as their hash. */
function newRow(workspaceId: string, name: string, key: string, source: KeyRow['source'], createdAt: number): KeyRow {
  const scopes = ['convai_write', 'admin'];
  return { keyId: `key_${randomPart()}`, workspaceId, name, hash: hashKey(key), scopes, lastFour: lastFour(key), source, createdAt };
}
