import { describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/start-test-api.js';

const CONFIG = { agent: { first_message: 'Hello', prompt: { prompt: 'Be brief.', llm: 'builtin' } } };

async function create(api: TestApi, body: object = { conversation_config: CONFIG }): Promise<string> {
  const answer = await api.call('POST', 'agents/create', { body });
  expect(answer.status).toBe(200);
  return (answer.body as { agent_id: string }).agent_id;
}

describe('agents', () => {
  it('[RE50] an agent is created, and read in ElevenLabs’ shape with every default and our warnings', async () => {
    await using api = await startTestApi({ agentWarnings: (config) => [`read ${config.includes('Be brief.')}`] });
    const id = await create(api, { name: 'Ada', tags: ['x'], conversation_config: CONFIG, invented: { kept: true } });
    expect(id).toMatch(/^agent_[A-Za-z0-9]{22}$/);
    const { status, body } = await api.call('GET', `agents/${id}`);
    expect([status, body]).toMatchObject([
      200,
      {
        agent_id: id,
        name: 'Ada',
        tags: ['x'],
        invented: { kept: true },
        conversation_config: {
          agent: { first_message: 'Hello', language: 'en', prompt: { prompt: 'Be brief.', llm: 'builtin' } },
          conversation: { text_only: false },
        },
        metadata: { created_at_unix_secs: 1_893_456_000, updated_at_unix_secs: 1_893_456_000 },
        access_info: { is_creator: true, creator_name: '', creator_email: '', role: 'admin' },
        warnings: ['read true'],
      },
    ]);
  });

  it('[RE56] an agent is read with every switch for overrides, those that are off too', async () => {
    await using api = await startTestApi();
    const permitted = { agent: { language: true }, tts: { later: true } };
    const body = { conversation_config: {}, platform_settings: { overrides: { conversation_config_override: permitted } } };
    const read = (await api.call('GET', `agents/${await create(api, body)}`)).body;
    expect(read).toMatchObject({
      platform_settings: {
        overrides: {
          conversation_config_override: {
            agent: { language: true, first_message: false, prompt: { prompt: false, llm: false } },
            tts: { later: true, voice_id: false },
            conversation: { text_only: false },
          },
          custom_llm_extra_body: false,
        },
      },
    });
  });

  it('[RE51] a patch merges objects, replaces lists and resets what is null', async () => {
    await using api = await startTestApi();
    const id = await create(api, { name: 'Ada', tags: ['x', 'y'], conversation_config: CONFIG });
    const patch = { tags: ['z'], conversation_config: { agent: { language: 'de', first_message: null } } };
    const { status, body } = await api.call('PATCH', `agents/${id}`, { body: patch });
    const expected = {
      name: 'Ada',
      tags: ['z'],
      conversation_config: { agent: { first_message: '', language: 'de', prompt: { prompt: 'Be brief.' } } },
    };
    expect([status, body]).toMatchObject([200, expected]);
    expect((await api.call('GET', `agents/${id}`)).body).toMatchObject(expected);
  });

  it('[RE52] agents are listed newest first, in pages, and found by name', async () => {
    await using api = await startTestApi();
    for (const name of ['Ada', 'Bob', 'Adam']) await create(api, { name, conversation_config: {} });
    const odd = await api.call('GET', 'agents?colour=red&created_by_user_id=u&page_size=1&page_size=1');
    expect(odd).toMatchObject({
      status: 200,
      body: { warnings: [/colour/, /created_by_user_id/, /page_size/].map((name) => expect.stringMatching(name)) },
    });
    const first = await api.call('GET', 'agents?page_size=2');
    expect(first.body).not.toHaveProperty('warnings');
    expect(first.body).toMatchObject({ agents: [{ name: 'Adam', access_info: { role: 'admin' } }, { name: 'Bob' }], has_more: true });
    const { next_cursor } = first.body as { next_cursor: string };
    expect((await api.call('GET', `agents?page_size=2&cursor=${next_cursor}`)).body).toMatchObject({
      agents: [{ name: 'Ada' }],
      has_more: false,
      next_cursor: null,
    });
    expect((await api.call('GET', 'agents?search=ada')).body).toMatchObject({ agents: [{ name: 'Adam' }, { name: 'Ada' }] });
    expect((await api.call('GET', 'agents?page_size=101')).status).toBe(422);
    expect((await api.call('GET', 'agents', { key: 'key-of-b' })).body).toMatchObject({ agents: [], has_more: false });
  });

  it('[RE53] a deleted agent, an unknown one and another workspace’s are 404 agent_not_found', async () => {
    await using api = await startTestApi();
    const id = await create(api);
    expect(await api.call('GET', `agents/${id}`, { key: 'key-of-b' })).toMatchObject({
      status: 404,
      body: { detail: { code: 'agent_not_found' } },
    });
    expect(await api.call('DELETE', `agents/${id}`, { key: 'key-of-b' })).toMatchObject({ status: 404 });
    expect(await api.call('DELETE', `agents/${id}`)).toMatchObject({ status: 200, text: '{}' });
    for (const method of ['GET', 'DELETE']) expect(await api.call(method, `agents/${id}`)).toMatchObject({ status: 404 });
    expect(await api.call('PATCH', 'agents/nothing', { body: {} })).toMatchObject({
      status: 404,
      body: { detail: { code: 'agent_not_found' } },
    });
  });

  it('[RE54] an agent’s own model URL is refused with where to set it instead', async () => {
    await using api = await startTestApi();
    const own = { conversation_config: { agent: { prompt: { llm: 'custom-llm', custom_llm: { url: 'http://169.254.169.254/' } } } } };
    const refused = {
      status: 422,
      body: { detail: { code: 'agent_url_refused', message: expect.stringContaining('BACKCHANNEL_LLM_URL') } },
    };
    expect(await api.call('POST', 'agents/create', { body: own })).toMatchObject(refused);
    const id = await create(api);
    expect(await api.call('PATCH', `agents/${id}`, { body: own })).toMatchObject(refused);
    expect((await api.call('GET', `agents/${id}`)).text).not.toContain('169.254');
  });

  it('[RE55] an allowlist is stored as it is compared, by creating and by patching; a wrong entry is named and changes nothing', async () => {
    await using api = await startTestApi();
    const listing = (...names: string[]) => ({ platform_settings: { auth: { allowlist: names.map((hostname) => ({ hostname })) } } });
    const id = await create(api, { conversation_config: CONFIG, ...listing('http://localhost:3000/') });
    expect((await api.call('GET', `agents/${id}`)).body).toMatchObject(listing('localhost:3000'));
    const patched = await api.call('PATCH', `agents/${id}`, { body: listing('https://App.example.com/chat', '127.0.0.1:8080') });
    expect([patched.status, patched.body]).toMatchObject([200, listing('app.example.com', '127.0.0.1:8080')]);
    const loc = ['body', 'platform_settings', 'auth', 'allowlist'];
    expect(await api.call('PATCH', `agents/${id}`, { body: listing('app.example.com', '*.example.com') })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: [...loc, 1, 'hostname'], msg: expect.stringContaining('“*.example.com”') }] },
    });
    const eleven = listing(...Array.from({ length: 11 }, (_, i) => `h${i}.example.com`));
    expect(await api.call('PATCH', `agents/${id}`, { body: eleven })).toMatchObject({ status: 422, body: { detail: [{ loc }] } });
    expect((await api.call('GET', `agents/${id}`)).body).toMatchObject(listing('app.example.com', '127.0.0.1:8080'));
  });

  it.each([
    [['first_message'], 'é'.repeat(8_192), 'x'],
    [['max_conversation_duration_message'], 'x'.repeat(16_384), 'x'],
    [['prompt', 'prompt'], 'x'.repeat(262_144), 'x'],
  ] as const)('[WP61] %j is taken up to its limit, and above it named, when created and when patched', async (path, longest, more) => {
    await using api = await startTestApi();
    const body = (text: string) => ({
      conversation_config: { agent: path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), text) },
    });
    const refused = { status: 422, body: { detail: [{ loc: ['body', 'conversation_config', 'agent', ...path] }] } };
    const id = await create(api, body(longest));
    expect(await api.call('POST', 'agents/create', { body: body(longest + more) })).toMatchObject(refused);
    expect(await api.call('PATCH', `agents/${id}`, { body: body(longest + more) })).toMatchObject(refused);
    expect((await api.call('GET', `agents/${id}`)).body).toMatchObject(body(longest));
  });

  it('[WP61] placeholders have 64 KiB, and of many problems fifty are named', async () => {
    await using api = await startTestApi();
    const variables = (length: number) => ({ dynamic_variables: { dynamic_variable_placeholders: { x: 'x'.repeat(length) } } });
    await create(api, { conversation_config: { agent: variables(65_536 - 8) } });
    const long = await api.call('POST', 'agents/create', { body: { conversation_config: { agent: variables(65_536 - 7) } } });
    expect(long).toMatchObject({ status: 422, body: { detail: [{ msg: 'Send variables of at most 65536 bytes of JSON.' }] } });
    const many = await api.call('POST', 'agents/create', { body: { conversation_config: {}, tags: Array(10_000).fill(1) } });
    expect(many).toMatchObject({ status: 422, body: { detail: { length: 50 } } });
  });

  it('[RE2] a field of another kind is named, with where it stands', async () => {
    await using api = await startTestApi();
    const body = { conversation_config: { agent: { first_message: 5 } } };
    expect(await api.call('POST', 'agents/create', { body })).toMatchObject({
      status: 422,
      body: {
        detail: [{ loc: ['body', 'conversation_config', 'agent', 'first_message'], msg: expect.any(String), type: expect.any(String) }],
      },
    });
    expect(await api.call('POST', 'agents/create', { body: {} })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'conversation_config'] }] },
    });
  });
});
