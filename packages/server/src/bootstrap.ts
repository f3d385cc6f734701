import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newWorkspaceId, randomPart } from '@backchannel/protocol';
import { hashConfig } from './agent-runtime.js';
import { DEMO_AGENTS } from './demo-agents.js';
import type { Store } from './store/store.js';

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
};

type Options = { readonly dataDir: string; readonly loopback: boolean; readonly apiKey: string | undefined; readonly wall: () => number };

export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex');
export const newApiKey = (): string => `bck_${randomPart()}${randomPart()}`;

/** The first start makes a workspace, its key, two agents and the signing secret; every later one finds them. */
export async function prepareInstallation(store: Store, options: Options): Promise<Installation> {
  const known = await store.settings.get('default_workspace');
  const workspaceId = known ?? (await firstStart(store, options.wall()));
  const signingSecret =
    (await store.settings.get('signing_secret')) ?? (await setting(store, 'signing_secret', randomBytes(32).toString('base64url')));
  return { signingSecret, workspaceId, key: await prepareKey(store, workspaceId, options, known === undefined) };
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

async function prepareKey(
  store: Store,
  workspaceId: string,
  { dataDir, loopback, apiKey, wall }: Options,
  first: boolean,
): Promise<Installation['key']> {
  if (apiKey !== undefined) {
    await keepKey(store, workspaceId, 'BACKCHANNEL_API_KEY', apiKey, wall());
    return { kind: 'environment' };
  }
  const path = join(dataDir, 'api-key');
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (kept !== '' && (await store.keys.byHash(hashKey(kept)))?.workspaceId === workspaceId) return { kind: 'file', path };
  if (loopback) {
    const value = newApiKey();
    await keepKey(store, workspaceId, 'data/api-key', value, wall());
    writeFileSync(path, `${value}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
    return { kind: 'file', path };
  }
  if (!first) return { kind: 'known' };
  const value = newApiKey();
  await keepKey(store, workspaceId, 'first start', value, wall());
  return { kind: 'shown', value };
}

/** Keys are kept as their hash; one that is there stays as it is. */
export async function keepKey(store: Pick<Store, 'keys'>, workspaceId: string, name: string, key: string, wall: number): Promise<void> {
  const hash = hashKey(key);
  if ((await store.keys.byHash(hash)) !== undefined) return;
  await store.keys.put({ keyId: `key_${randomPart()}`, workspaceId, name, hash, scopes: ['convai_write', 'admin'], createdAt: wall });
}
