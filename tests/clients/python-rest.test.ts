import { expect, it } from 'vitest';
import { agentOf } from '../cases/stage.js';
import { oneServer } from '../compat/one-server.js';
import { ProgramError } from '../harness/line-program.js';
import { until } from '../harness/until.js';
import { describeInPython, onePython } from './one-python.js';

const server = oneServer();
const UNKNOWN_AGENT = `agent_${'0'.repeat(28)}`;
const UNKNOWN_CONVERSATION = `conv_${'0'.repeat(28)}`;

type Agent = { readonly agent_id: string; readonly name: string };
type Page<Name extends string, Item> = Readonly<Record<Name, readonly Item[]>> & {
  readonly has_more: boolean;
  readonly next_cursor?: string | null;
};
type Conversation = { readonly conversation_id: string; readonly status: string; readonly user_id?: string | null };

/** `rest` refuses every answer that does not fit the types that the SDK declares, so each call here also tries that. */
describeInPython('REST by the official Python SDK', () => {
  const python = onePython(server);
  const rest = <T>(call: string, args?: object) => python().rest<T>(call, args);

  it('[OC84] makes agents, reads, changes, lists and deletes them', async () => {
    const { agent_id } = await rest<Agent>('agents.create', {
      name: 'Parcels in Python',
      tags: ['post'],
      conversation_config: { agent: { first_message: 'Hello.', prompt: { prompt: 'You help.' } }, conversation: { text_only: true } },
      platform_settings: { auth: { enable_auth: true } },
    });
    const read = {
      agent_id,
      name: 'Parcels in Python',
      tags: ['post'],
      conversation_config: { agent: { first_message: 'Hello.', prompt: { prompt: 'You help.' } }, conversation: { text_only: true } },
      platform_settings: { auth: { enable_auth: true } },
    };
    expect(await rest('agents.get', { agent_id })).toMatchObject(read);
    expect(await rest('agents.update', { agent_id, name: 'Letters in Python' })).toMatchObject({ ...read, name: 'Letters in Python' });

    const another = await rest<Agent>('agents.create', { name: 'Letters in Python', conversation_config: {} });
    const found: string[] = [];
    for (let cursor: string | null | undefined; ; ) {
      const page = await rest<Page<'agents', Agent>>('agents.list', { search: 'in Python', page_size: 1, ...(cursor ? { cursor } : {}) });
      found.push(...page.agents.map((agent) => agent.agent_id));
      cursor = page.next_cursor;
      if (!page.has_more) break;
    }
    expect(found).toEqual([another.agent_id, agent_id]);

    await rest('agents.delete', { agent_id });
    await rest('agents.delete', { agent_id: another.agent_id });
    expect(await rest('agents.list', { search: 'in Python' })).toMatchObject({ agents: [], has_more: false });
  });

  it('[OC85] reads conversations, lists, counts, rates and deletes them', async () => {
    const { api } = server();
    const agent_id = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const { signed_url } = await rest<{ signed_url: string }>('conversations.get_signed_url', { agent_id, include_conversation_id: true });
    const created = new URL(signed_url).searchParams.get('conversation_id') ?? '';
    const live = await python().ask<string>('start', { session: 'rest', agent_id });
    const ended = await api.open(agent_id);
    await api.end(ended);

    const states = { [created]: 'initiated', [live]: 'in-progress', [ended]: 'done' };
    for (const [conversation_id, status] of Object.entries(states)) {
      expect(await rest('conversations.get', { conversation_id })).toMatchObject({ conversation_id, agent_id, status, has_audio: false });
    }
    const listed: Record<string, string> = {};
    for (let cursor: string | null | undefined; ; ) {
      const page: Page<'conversations', Conversation> = await rest('conversations.list', {
        agent_id,
        page_size: 2,
        ...(cursor ? { cursor } : {}),
      });
      for (const { conversation_id, status } of page.conversations) listed[conversation_id] = status;
      cursor = page.next_cursor;
      if (!page.has_more) break;
    }
    expect(listed).toEqual(states);
    expect(await rest('analytics.live_count.get', { agent_id })).toEqual({ count: 1 });

    await rest('conversations.feedback.create', { conversation_id: live, feedback: 'like' });
    await until('the feedback', async () => {
      const { metadata } = await rest<{ metadata: { feedback?: { overall_score: string } | null } }>('conversations.get', {
        conversation_id: live,
      });
      return metadata.feedback?.overall_score === 'like';
    });

    await rest('conversations.delete', { conversation_id: live });
    await until('its client was told', () => python().of('disconnected', 'rest').length === 1);
    await expect(rest('conversations.get', { conversation_id: live })).rejects.toMatchObject({ told: { status: 404 } });
    expect(await rest('analytics.live_count.get', { agent_id })).toEqual({ count: 0 });
  });

  it('[OC86] a refusal is its own error, with the status and a body that says what to do', async () => {
    const failure = async (call: string, args: object) => {
      const outcome = await rest(call, args).then(
        () => 'no error',
        (error: unknown) => error,
      );
      if (!(outcome instanceof ProgramError)) throw new Error(`${call}: ${String(outcome)}`);
      return outcome.told;
    };
    const detail = (code: string, message: RegExp) => ({
      detail: { code, message: expect.stringMatching(message), request_id: expect.any(String) },
    });
    expect(await failure('agents.get', { agent_id: UNKNOWN_AGENT })).toMatchObject({
      status: 404,
      body: detail('agent_not_found', /check agent_id/),
    });
    expect(await failure('conversations.get', { conversation_id: UNKNOWN_CONVERSATION })).toMatchObject({
      status: 404,
      body: detail('conversation_not_found', /check the id/),
    });
    expect(await failure('agents.list', { keys: 'wrong' })).toMatchObject({ status: 401, body: detail('invalid_api_key', /xi-api-key/) });
    const invalid = await failure('conversations.list', { page_size: 1_000 });
    expect(invalid).toMatchObject({ class: 'UnprocessableEntityError', status: 422 });
    expect(JSON.stringify(invalid.body)).toContain('page_size');
  });
});
