import type { EventBody } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/start-test-api.js';

const WARNED: EventBody = { type: 'conversation.warned', code: 'x', message: 'y' };

/** A log of seven events. */
async function startApi(): Promise<TestApi> {
  const api = await startTestApi();
  await api.conversation(
    'conv_a',
    'ws_a',
    Array.from({ length: 6 }, () => WARNED),
  );
  return api;
}
type Page = { events: { seq: number }[]; cursor: string; has_more: boolean; recovered?: boolean };
async function page(api: TestApi, query: string): Promise<{ seqs: number[]; cursor: string; has_more: boolean; recovered?: boolean }> {
  const { events, ...rest } = (await api.call('GET', `conversations/conv_a/events${query}`)).body as Page;
  return { seqs: events.map(({ seq }) => seq), ...rest };
}

describe('GET …/events', () => {
  it('[RE70] is the log in pages, each with the cursor to go on from', async () => {
    await using api = await startApi();
    expect(await page(api, '')).toEqual({ seqs: [1, 2, 3, 4, 5, 6, 7], cursor: '1-7', has_more: false });
    expect(await page(api, '?limit=3')).toEqual({ seqs: [1, 2, 3], cursor: '1-3', has_more: true });
    expect(await page(api, '?limit=3&after=1-3')).toEqual({ seqs: [4, 5, 6], cursor: '1-6', has_more: true });
    expect(await page(api, '?limit=3&after=1-6')).toEqual({ seqs: [7], cursor: '1-7', has_more: false });
    expect(await page(api, '?limit=4&after=1-3')).toEqual({ seqs: [4, 5, 6, 7], cursor: '1-7', has_more: false });
  });

  it('[RE71] an empty page repeats its cursor', async () => {
    await using api = await startApi();
    expect(await page(api, '?after=1-7')).toEqual({ seqs: [], cursor: '1-7', has_more: false });
  });

  it('[RE72] a cursor that this log does not have begins again from 1 and says so', async () => {
    await using api = await startApi();
    for (const after of ['2-3', '1-8', '1-0', '0-1', '1-999999999999999']) {
      expect(await page(api, `?limit=2&after=${after}`)).toEqual({ seqs: [1, 2], cursor: '1-2', has_more: true, recovered: false });
    }
  });

  it('[RE72] what is no cursor at all is 422', async () => {
    await using api = await startApi();
    for (const after of ['3', 'x', '1-', '1-2-3', '-1', '']) {
      expect(await api.call('GET', `conversations/conv_a/events?after=${after}`)).toMatchObject({
        status: 422,
        body: { detail: { code: 'invalid_cursor' } },
      });
    }
    for (const limit of ['0', '1001', 'x']) expect((await api.call('GET', `conversations/conv_a/events?limit=${limit}`)).status).toBe(422);
  });

  it('[RE70] events are shown as they are stored', async () => {
    await using api = await startApi();
    const { body } = await api.call('GET', 'conversations/conv_a/events');
    expect((body as Page).events).toEqual(api.store.events('conv_a'));
  });
});
