import { describe, expect, it } from 'vitest';
import { silentLog } from '../lib/log.js';
import { ArrayStore } from '../testing/array-store.js';
import { ManualClock } from '../testing/manual-clock.js';
import { addKey, startTestApi } from '../testing/start-test-api.js';
import { KeyRing } from './auth.js';
import { KeyEnds } from './key-ends.js';
import { grantedScopes, SCOPES } from './scopes.js';

async function ring() {
  const [store, clock] = [new ArrayStore(), new ManualClock()];
  const ends = new KeyEnds(clock);
  await addKey(store, 'good', 'ws_a', ['messages:write']);
  return { store, clock, ends, keys: new KeyRing({ keys: store.keys, ends, clock, log: silentLog }) };
}

describe('keys', () => {
  it('[RE11] a request without a key, or with an unknown one, is refused before its body is read', async () => {
    await using api = await startTestApi();
    const missing = await api.call('POST', 'conversations/conv_a/messages', { key: null, raw: '{' });
    expect([missing.status, missing.body]).toMatchObject([401, { detail: { type: 'authentication_error', code: 'missing_api_key' } }]);
    const wrong = await api.call('POST', 'conversations/conv_a/messages', { key: 'wrong', raw: '{' });
    expect([wrong.status, wrong.body]).toMatchObject([401, { detail: { type: 'authentication_error', code: 'invalid_api_key' } }]);
  });

  it('[RE12] a key without the route’s scope is refused, and told which scope it needs', async () => {
    await using api = await startTestApi();
    await addKey(api.store, 'reader', 'ws_a', ['conversations:read']);
    const answer = await api.call('POST', 'agents/create', { key: 'reader', body: {} });
    expect([answer.status, answer.body]).toMatchObject([
      403,
      { detail: { type: 'permission_error', code: 'missing_scope', scope: 'agents:write' } },
    ]);
    expect((await api.call('GET', 'conversations', { key: 'reader' })).status).toBe(200);
  });

  it('[RE13] convai_write grants all but admin, convai_read reading, admin everything, anything else itself', () => {
    expect([...grantedScopes(['convai_write'])]).toEqual(SCOPES.filter((scope) => scope !== 'admin'));
    expect([...grantedScopes(['admin'])]).toEqual([...SCOPES]);
    expect([...grantedScopes(['convai_read'])]).toEqual(['conversations:read']);
    expect([...grantedScopes(['messages:write', 'something:else'])]).toEqual(['messages:write']);
  });

  it('[RE14] a key is looked up once, and a revoked one is refused within 5 s', async () => {
    const { store, clock, keys } = await ring();
    expect(await keys.callerOf('good')).toMatchObject({ workspaceId: 'ws_a' });
    await keys.callerOf('good');
    expect(store.keyLookups).toBe(1);
    // Revoked: the store answers as for an unknown one.
    store.keys.byHash = async () => undefined;
    clock.advance(5_000);
    expect(await keys.callerOf('good')).toMatchObject({ code: 'invalid_api_key' });
  });

  it('[RE14] an unknown key is remembered too, and known within 5 s of being made', async () => {
    const { store, clock, keys } = await ring();
    expect(await keys.callerOf('new')).toMatchObject({ code: 'invalid_api_key' });
    expect(await keys.callerOf('new')).toMatchObject({ code: 'invalid_api_key' });
    expect(store.keyLookups).toBe(1);
    await addKey(store, 'new', 'ws_a', []);
    clock.advance(5_000);
    expect(await keys.callerOf('new')).toMatchObject({ workspaceId: 'ws_a' });
  });

  it('[RE14] guessing keys does not push a good one out', async () => {
    const { store, keys } = await ring();
    await keys.callerOf('good');
    for (let i = 0; i < 3_000; i++) await keys.callerOf(`guess ${i}`);
    const before = store.keyLookups;
    expect(keys.callerOf('good')).not.toBeInstanceOf(Promise);
    expect(store.keyLookups).toBe(before);
  });
});
