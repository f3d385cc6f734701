import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@backchannel/server/testing';
import { expect, it, onTestFinished } from 'vitest';
import { passTime } from '../harness/pass-time.js';
import { startServer } from '../harness/start-server.js';
import { until } from '../harness/until.js';
import { agentOf } from './stage.js';

it('[ST28, RE94] accepts nothing more and is not ready once its data folder was removed under it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backchannel-removed-'));
  const clock = new ManualClock();
  const server = await startServer({ clock, folder });
  onTestFinished(() => passTime(clock, server.stop()));
  const { api, url, store } = server;
  const agentId = await api.createAgent(agentOf());
  const id = await api.open(agentId);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);

  await rm(folder, { recursive: true });
  clock.advance(1_000);
  await until('the store is found gone', () => !store.writable());
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect(await api.call('POST', `/conversations/${id}/messages`, { type: 'contextual_update', text: 'It rains.' })).toMatchObject({
    status: 503,
  });
  expect(server.log.errors.map(({ message }) => message)).toContainEqual(expect.stringMatching(/the data folder was removed/));
});
