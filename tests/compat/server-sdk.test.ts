import { ElevenLabs, ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { describe, expect, it } from 'vitest';
import { agentOf, joined, official } from '../cases/stage.js';
import { until } from '../harness/until.js';
import { oneServer } from './one-server.js';

const server = oneServer();
const AN_AGENT_ID = `agent_${'0'.repeat(28)}`;
const A_CONVERSATION_ID = `conv_${'0'.repeat(28)}`;

/** ElevenLabs' SDK for backends as an app has it, pointed here. It throws when an answer lacks a key that its types require. */
function sdk(apiKey = server().key) {
  const { conversationalAi } = new ElevenLabsClient({ apiKey, baseUrl: server().url, maxRetries: 0 });
  return conversationalAi;
}

/** The error of a call that must fail. */
async function failure(call: PromiseLike<unknown>): Promise<ElevenLabsError> {
  const outcome = await Promise.resolve(call).then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (!(outcome instanceof ElevenLabsError)) throw new Error(`The call did not fail as the SDK's calls do: ${String(outcome)}`);
  return outcome;
}

describe('agents by the official server SDK', () => {
  it('[OC60] are created, read, changed and deleted', async () => {
    const { agents } = sdk();
    const before = Math.floor(Date.now() / 1_000);
    const { agentId } = await agents.create({
      name: 'Parcels',
      tags: ['post'],
      conversationConfig: {
        agent: { firstMessage: 'Hello.', language: 'de', prompt: { prompt: 'You help.', llm: 'gpt-4o-mini', temperature: 0.5 } },
        conversation: { textOnly: true, maxDurationSeconds: 300 },
      },
      platformSettings: { auth: { enableAuth: true } },
    });
    const agent = await agents.get(agentId);
    expect(agent).toMatchObject({
      agentId,
      name: 'Parcels',
      tags: ['post'],
      conversationConfig: {
        agent: { firstMessage: 'Hello.', language: 'de', prompt: { prompt: 'You help.', llm: 'gpt-4o-mini', temperature: 0.5 } },
        conversation: { textOnly: true, maxDurationSeconds: 300 },
      },
      platformSettings: { auth: { enableAuth: true } },
      accessInfo: { isCreator: true, role: 'admin' },
    });
    expect(agent.metadata.createdAtUnixSecs).toBeGreaterThanOrEqual(before);

    const changed = await agents.update(agentId, { name: 'Letters', conversationConfig: { agent: { firstMessage: 'Good day.' } } });
    expect(changed).toMatchObject({ agentId, name: 'Letters', tags: ['post'] });
    expect(changed.conversationConfig.agent).toMatchObject({ firstMessage: 'Good day.', language: 'de', prompt: { prompt: 'You help.' } });
    expect(await agents.get(agentId)).toEqual(changed);

    await agents.delete(agentId);
    expect((await failure(agents.get(agentId))).statusCode).toBe(404);
  });

  it('[OC60] are listed page by page and found by name, each once', async () => {
    const { agents } = sdk();
    const name = 'Told apart by a name';
    const made: string[] = [];
    for (let n = 0; n < 3; n++) made.push((await agents.create({ name, conversationConfig: {} })).agentId);
    const listed: string[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const page = await agents.list({ search: name, pageSize: 2, ...(cursor === undefined ? {} : { cursor }) });
      for (const agent of page.agents) {
        expect(agent).toMatchObject({ name, tags: [], createdAtUnixSecs: expect.any(Number), accessInfo: { isCreator: true } });
        listed.push(agent.agentId);
      }
      expect(page.hasMore).toBe(page.nextCursor !== undefined);
      ({ nextCursor: cursor, hasMore: more } = page);
    }
    expect(listed.sort()).toEqual(made.sort());
  });
});

describe('conversations by the official server SDK', () => {
  it('[OC61] are listed page by page, narrowed by agent and user, each once', async () => {
    const { api } = server();
    const [agentId, otherId] = [await api.createAgent(agentOf()), await api.createAgent(agentOf())];
    const made: string[] = [];
    for (let n = 0; n < 3; n++) made.push(await api.open(agentId, { user_id: 'user 1+1' }));
    const [someoneElses, another] = [await api.open(agentId, { user_id: 'user-2' }), await api.open(otherId, { user_id: 'user 1+1' })];

    const list = async (filter: { readonly agentId?: string; readonly userId?: string }): Promise<string[]> => {
      const ids: string[] = [];
      for (let cursor: string | undefined, more = true; more; ) {
        const page = await sdk().conversations.list({ ...filter, pageSize: 2, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.conversations.length).toBeLessThanOrEqual(2);
        for (const one of page.conversations) {
          expect(one).toMatchObject({ status: 'in-progress', callSuccessful: 'unknown', callDurationSecs: expect.any(Number) });
          ids.push(one.conversationId);
        }
        expect(page.hasMore).toBe(page.nextCursor !== undefined);
        ({ nextCursor: cursor, hasMore: more } = page);
      }
      return ids.sort();
    };
    expect(await list({ agentId, userId: 'user 1+1' })).toEqual([...made].sort());
    expect(await list({ agentId })).toEqual([...made, someoneElses].sort());
    expect(await list({ userId: 'user 1+1' })).toEqual([...made, another].sort());
  });

  it('[OC66] are narrowed by whatever the SDK offers and there is data for; the rest refuses nothing and is named', async () => {
    const { api, origin } = server();
    const { agents, conversations } = sdk();
    const agentId = await api.createAgent({ ...agentOf(), tags: ['narrowed'] });
    const client = await official({ origin, agentId });
    const [opened, over] = [await api.open(agentId), await api.open(agentId)];
    await api.end(over);
    await api.post(`/conversations/${over}/feedback`, { rating: 4, comment: 'good' });
    const found = async (filter: Parameters<typeof conversations.list>[0]): Promise<string[]> =>
      (await conversations.list({ agentId, ...filter })).conversations.map(({ conversationId }) => conversationId);

    const all = [client.id, opened, over];
    expect(await found({ sortDirection: 'asc', textOnly: true, callSuccessful: 'unknown' })).toEqual(all);
    expect(await found({ excludeStatuses: ['in-progress', 'initiated'] })).toEqual([over]);
    expect(await found({ terminationReasons: ['ended_by_api', 'idle'] })).toEqual([over]);
    expect(await found({ ratingMin: 4, hasFeedbackComment: true })).toEqual([over]);
    expect(await found({ conversationInitiationSource: 'js_sdk' })).toEqual([client.id]);
    expect(await found({ callDurationMinSecs: 3_600 })).toEqual([]);
    expect(await found({ callSuccessful: 'success' })).toEqual([]);
    const [newest] = (await conversations.list({ agentId })).conversations;
    expect(newest).toMatchObject({ conversationId: over, agentName: 'Case', rating: 4, terminationReason: 'ended_by_api' });

    const page = await conversations.list({ agentId, toolNames: ['x', 'y'], mainLanguages: ['en', 'de'], search: 'hello' });
    expect(page.conversations.map(({ conversationId }) => conversationId)).toEqual(all.toReversed());
    // The SDK's types do not have it, and it is handed through all the same.
    expect(page).toMatchObject({ warnings: ['tool_names', 'main_languages', 'search'].map((name) => expect.stringContaining(name)) });

    const query = {
      tags: ['narrowed', 'other'],
      archived: false,
      showOnlyOwnedAgents: true,
      sortBy: 'name',
      sortDirection: 'asc',
    } as const;
    expect((await agents.list({ ...query, tags: [...query.tags] })).agents).toMatchObject([
      { agentId, archived: false, tags: ['narrowed'] },
    ]);
    expect((await agents.list({ ...query, tags: ['narrowed'], archived: true })).agents).toEqual([]);
  });

  it('[OC61] are read while live and after the end, and deleted', async () => {
    const { api, origin } = server();
    const { conversations } = sdk();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.' }));
    const before = Math.floor(Date.now() / 1_000);
    const client = await official({ origin, agentId }, { userId: 'user-7' });
    await client.line('Parcel service, hello.');
    const greeted = { role: 'agent', message: 'Parcel service, hello.', timeInCallSecs: expect.any(Number) };
    const read = {
      agentId,
      agentName: 'Case',
      conversationId: client.id,
      userId: 'user-7',
      hasAudio: false,
      hasUserAudio: false,
      hasResponseAudio: false,
      hasAuxiliaryAudio: false,
      transcript: [greeted],
    };
    const live = await conversations.get(client.id);
    expect(live).toMatchObject({ ...read, status: 'in-progress', metadata: { authorizationMethod: 'public', textOnly: true } });
    expect(live.metadata.startTimeUnixSecs).toBeGreaterThanOrEqual(before);

    await client.end();
    const ended = await until('it has ended', async () => {
      const now = await conversations.get(client.id);
      return now.status === 'done' && now;
    });
    expect(ended).toMatchObject({ ...read, metadata: { terminationReason: 'client_left', callDurationSecs: expect.any(Number) } });

    await conversations.delete(client.id);
    expect((await failure(conversations.get(client.id))).statusCode).toBe(404);
    expect((await conversations.list({ agentId })).conversations).toEqual([]);
  });

  it('[OC89] are narrowed by what there is data for, in the SDK’s own words, lists and all', async () => {
    const { api, origin } = server();
    const { conversations } = sdk();
    const agentId = await api.createAgent(agentOf());
    const client = await official({ origin, agentId });
    const [ended, live] = [await api.open(agentId), await api.open(agentId)];
    await conversations.feedback.create(ended, { feedback: 'like' });
    await api.end(ended);
    type Narrow = Omit<NonNullable<Parameters<typeof conversations.list>[0]>, 'agentId'>;
    const found = async (narrow: Narrow): Promise<string[]> =>
      (await conversations.list({ agentId, ...narrow })).conversations.map((one) => one.conversationId);
    expect(await found({})).toEqual([live, ended, client.id]);
    expect(await found({ sortDirection: 'asc' })).toEqual([client.id, ended, live]);
    expect(await found({ excludeStatuses: ['done', 'failed'] })).toEqual([live, client.id]);
    expect(await found({ excludeStatuses: ['in-progress'] })).toEqual([ended]);
    expect(await found({ terminationReasons: ['ended_by_api', 'client_left'] })).toEqual([ended]);
    expect(await found({ conversationInitiationSource: 'js_sdk' })).toEqual([client.id]);
    expect(await found({ callSuccessful: 'success' })).toEqual([]);
    expect(await found({ textOnly: true, callDurationMaxSecs: 1_000 })).toHaveLength(3);
    expect(await found({ callStartAfterUnix: Math.floor(Date.now() / 1_000) + 60 })).toEqual([]);
    expect(await found({ hasFeedbackComment: true })).toEqual([]);
    // What there is no data for narrows nothing, and the answer says so.
    const page = await conversations.list({ agentId, topicIds: ['topic'] });
    expect(page.conversations).toHaveLength(3);
    expect(page).toMatchObject({ warnings: [expect.stringContaining('topic_ids')] });
  });

  it('[OC62] are opened by a signed URL that names none, or one that is there at once', async () => {
    const { api } = server();
    const { conversations } = sdk();
    const agentId = await api.createAgent({ ...agentOf(), platform_settings: { auth: { enable_auth: true } } });
    const { signedUrl } = await conversations.getSignedUrl({ agentId });
    expect(new URL(signedUrl).searchParams.has('conversation_id')).toBe(false);
    const { id } = await joined(signedUrl);
    expect(await conversations.get(id)).toMatchObject({ agentId, metadata: { authorizationMethod: 'signed_url' } });

    const named = await conversations.getSignedUrl({ agentId, includeConversationId: true });
    const namedId = new URL(named.signedUrl).searchParams.get('conversation_id') ?? '';
    // The SDK's types do not have it, and it is handed through all the same.
    expect(named).toMatchObject({ conversation_id: namedId });
    expect(await conversations.get(namedId)).toMatchObject({ agentId, status: 'initiated', transcript: [] });
    expect((await joined(named.signedUrl)).id).toBe(namedId);
  });

  it('[OC63] are counted while they live, by agent too, and take feedback', async () => {
    const { api } = server();
    const { analytics, conversations } = sdk();
    const agentId = await api.createAgent(agentOf());
    const ids = [await api.open(agentId), await api.open(agentId)];
    expect(await analytics.liveCount.get({ agentId })).toEqual({ count: 2 });
    expect(await analytics.liveCount.get()).toEqual({ count: await api.liveCount() });

    for (const [id, feedback] of [
      [ids[0], 'like'],
      [ids[1], 'dislike'],
    ] as const) {
      await conversations.feedback.create(id ?? '', { feedback });
      expect((await conversations.get(id ?? '')).metadata.feedback).toMatchObject({ overallScore: feedback });
      await api.end(id ?? '');
    }
    expect(await analytics.liveCount.get({ agentId })).toEqual({ count: 0 });
  });
});

describe('a refusal in the official server SDK', () => {
  it('[OC64] is its error, with the status and a body that says what to do', async () => {
    const { agents, conversations } = sdk();
    const detail = (code: string, message: RegExp, more: object = {}) => ({
      detail: { code, status: code, message: expect.stringMatching(message), request_id: expect.any(String), ...more },
    });
    const unknown = { statusCode: 404, body: detail('conversation_not_found', /check the id/, { type: 'not_found' }) };
    expect(await failure(conversations.get(A_CONVERSATION_ID))).toMatchObject(unknown);
    expect(await failure(conversations.delete(A_CONVERSATION_ID))).toMatchObject(unknown);
    const noAgent = { statusCode: 404, body: detail('agent_not_found', /check agent_id/) };
    expect(await failure(agents.get(AN_AGENT_ID))).toMatchObject(noAgent);
    expect(await failure(agents.update(AN_AGENT_ID, { name: 'x' }))).toMatchObject(noAgent);
    expect(await failure(agents.delete(AN_AGENT_ID))).toMatchObject(noAgent);
    expect(await failure(conversations.getSignedUrl({ agentId: AN_AGENT_ID }))).toMatchObject(noAgent);
    const noKey = { statusCode: 401, body: detail('invalid_api_key', /xi-api-key/, { type: 'authentication_error' }) };
    expect(await failure(sdk('wrong').agents.list())).toMatchObject(noKey);
    const noRtc = { statusCode: 400, body: detail('webrtc_not_enabled', /websocket/) };
    expect(await failure(conversations.getWebrtcToken({ agentId: AN_AGENT_ID }))).toMatchObject(noRtc);
    // What the SDK has a class for.
    const invalid = await failure(conversations.list({ pageSize: 1_000 }));
    expect(invalid).toBeInstanceOf(ElevenLabs.UnprocessableEntityError);
    expect(invalid).toMatchObject({
      statusCode: 422,
      body: { detail: [{ loc: ['query', 'page_size'], msg: expect.stringMatching(/at most 100/) }] },
    });
    expect(invalid.message).toContain('page_size');
  });
});
