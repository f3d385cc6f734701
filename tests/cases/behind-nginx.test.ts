import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Api } from '../harness/api.js';
import { count } from '../harness/counts.js';
import { Nginx, nginxCommand } from '../harness/nginx.js';
import type { TestServer } from '../harness/start-server.js';
import { agentOf, official, serve } from './stage.js';

async function behindNginx(readTimeoutSecs: number): Promise<{ server: TestServer; nginx: Nginx; api: Api }> {
  const server = await serve({ env: { BACKCHANNEL_LLM_FIRST_TOKEN_SECS: '600' } });
  const nginx = await Nginx.start(server.running.port, readTimeoutSecs);
  onTestFinished(() => nginx.stop());
  return { server, nginx, api: new Api(nginx.url, server.key) };
}

describe.skipIf(nginxCommand() === undefined && process.env.CI === undefined)('a proxy that loses patience', () => {
  it('[CA29] gets our own answer before it does, and whoever retries, hangs up or is cut off loses nothing', async () => {
    const patienceSecs = count(4, 60);
    const { server, api } = await behindNginx(patienceSecs);
    const agentId = await api.createAgent(agentOf());
    let asked = 0;
    const ask = async (waitMs: number, signal?: AbortSignal) => {
      const id = await api.open(agentId);
      const body = { type: 'user_message', text: 'How long does it take?', wait_for: 'replied', timeout_ms: waitMs };
      const reply = server.model.nextByHand();
      const call = { headers: { 'idempotency-key': 'k1' }, ...(signal === undefined ? {} : { signal }) };
      const answer = api.post(`/conversations/${id}/messages`, body, call);
      asked += 1;
      await server.model.asked(asked);
      return { id, body, reply, answer };
    };
    expect(
      await api.post(`/conversations/${await api.open(agentId)}/messages`, {
        type: 'user_message',
        text: 'Hi',
        wait_for: 'replied',
        timeout_ms: 120_000,
      }),
    ).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'timeout_ms'] }] },
    });

    const patient = await ask(count(2_000, 50_000));
    const gone = new AbortController();
    const hungUp = await ask(20_000, gone.signal);
    gone.abort();
    await expect(hungUp.answer).rejects.toThrow();
    // What the proxy itself would have made of a longer wait; in a proof it has more patience than we allow to ask for.
    const cutOff = await ask(count(20_000, 50_000));

    const early = await patient.answer;
    expect(early).toMatchObject({ status: 202, body: { status: 'applied', message_id: expect.any(String) } });
    expect((await cutOff.answer).status).toBe(count(504, 202));
    for (const { id, body, reply } of [patient, hungUp, cutOff]) {
      const again = api.post(`/conversations/${id}/messages`, body, { headers: { 'idempotency-key': 'k1' } });
      reply.say('Ninety seconds.').end();
      const answer = await again;
      expect(answer).toMatchObject({ status: 200, body: { status: 'replied', reply: { text: 'Ninety seconds.', complete: true } } });
      expect(answer.headers.get('idempotent-replayed')).toBe('true');
      const { message_id } = answer.body as { message_id: string };
      expect(await api.message(id, message_id)).toMatchObject({ status: 'replied' });
      expect((await api.events(id)).filter(({ type }) => type === 'message.accepted')).toHaveLength(1);
    }
  }, 200_000);

  it('[CA30] keeps a quiet conversation open, whose client says nothing by itself', async () => {
    const patienceSecs = count(8, 60);
    const { server, nginx, api } = await behindNginx(patienceSecs);
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const client = await official({ origin: nginx.origin, agentId });
    await client.said(1);
    await wait(count(patienceSecs * 1_000 + 1_500, 300_000));
    expect(client.session.isOpen()).toBe(true);
    expect(await api.send(client.id, { type: 'agent_message', text: 'Still here?', wait_for: 'spoken' })).toMatchObject({
      status: 'spoken',
    });
    client.session.sendUserMessage('Yes.');
    await client.until(() => client.messages.at(-1)?.message === 'Answer 1.');
    expect((await server.api.events(client.id)).filter(({ type }) => type === 'conversation.dropped')).toEqual([]);
  }, 400_000);
});
