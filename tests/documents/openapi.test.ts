import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { oneServer } from '../compat/one-server.js';
import { Described, type Openapi, textIn } from './described.js';

const API = '/v1/convai';
const server = oneServer();

describe('the OpenAPI document', () => {
  it('[OA3] is a valid OpenAPI 3.1 document, and its examples are taken', async () => {
    const described = await Described.of(server().url);
    expect(await new Validator().validate(described.document)).toEqual({ valid: true });
    const { api } = server();
    const agentId = await api.createAgent({ conversation_config: {} });
    const id = await api.open(agentId);
    const examples: Record<string, number> = {};
    for (const [path, methods] of Object.entries(described.document.paths))
      for (const [method, operation] of Object.entries(methods)) {
        const example = operation.requestBody?.content['application/json'].example;
        // The end comes last, since it ends what the others need.
        if (example === undefined || operation.operationId === 'endConversation') continue;
        const at = path.replace('{agent_id}', agentId).replace('{conversation_id}', id);
        const { status } = await described.ask(method.toUpperCase(), at, { key: server().key, body: example });
        examples[operation.operationId] = status;
      }
    expect(Object.values(examples).filter((status) => status >= 400)).toEqual([]);
    expect(Object.keys(examples).length).toBeGreaterThan(4);
  });

  it('[OA3] says what every operation answers, good and bad: a running server answers just that', async () => {
    const { url, key } = server();
    const described = await Described.of(url);
    await walk(described, key);
    const missing: string[] = [];
    for (const { operationId, responses } of Object.values(described.document.paths).flatMap((methods) => Object.values(methods))) {
      const statuses = Object.keys(responses).map(Number);
      const good = statuses.filter((status) => status < 300);
      // A fault, a stop and a store that fails are other suites' business.
      const bad = statuses.filter((status) => status >= 400 && status < 500);
      for (const some of [good, bad])
        if (some.length > 0 && !some.some((status) => described.seen.has(`${operationId} ${status}`)))
          missing.push(`${operationId}: none of ${some.join(', ')}`);
    }
    expect(missing).toEqual([]);
  });

  it('[OA3] a description that does not fit is noticed', async () => {
    const { url, key, api } = server();
    const { document } = await Described.of(url);
    const id = await api.open(await api.createAgent({ conversation_config: {} }));
    const path = `${API}/conversations/${id}/messages`;
    const send = (described: Described) => described.ask('POST', path, { key, body: { type: 'agent_message', text: 'Hi' } });
    await send(new Described(url, document));
    const wrongly = (change: (copy: Changeable) => void): Described => {
      // A document as it was parsed, so nothing is lost.
      const copy = structuredClone(document) as Changeable;
      change(copy);
      return new Described(url, copy);
    };
    const message = (copy: Changeable) => copy.components.schemas.Message ?? {};
    await expect(send(wrongly((copy) => Object.assign(message(copy).properties ?? {}, { seq: { type: 'string' } })))).rejects.toThrow(
      'seq',
    );
    await expect(send(wrongly((copy) => message(copy).required?.push('colour')))).rejects.toThrow('colour');
    await expect(send(wrongly((copy) => delete message(copy).properties?.cursor))).rejects.toThrow('additional');
    const operation = (copy: Changeable) => copy.paths[`${API}/conversations/{conversation_id}/messages`]?.post?.responses ?? {};
    await expect(send(wrongly((copy) => delete operation(copy)['202']))).rejects.toThrow('202');
    const unknown = (described: Described) => described.ask('GET', `${API}/conversations/conv_x`, { key });
    await unknown(new Described(url, document));
    const get = (copy: Changeable) => copy.paths[`${API}/conversations/{conversation_id}`]?.get?.responses ?? {};
    await expect(unknown(wrongly((copy) => Object.assign(get(copy), { 404: get(copy)['401'] })))).rejects.toThrow('code');
  });
});

type Changeable = Openapi & {
  components: { schemas: Record<string, { properties?: Record<string, object>; required?: string[] }> };
  paths: Record<string, Record<string, { responses: Record<string, object> }>>;
};

/** Every operation at least once with success and once without. */
async function walk(described: Described, key: string): Promise<void> {
  const at = (path: string) => `${API}/${path}`;
  const ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) =>
    described.ask(method, at(path), { key, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) });

  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/asyncapi.json', '/docs']) await described.ask('GET', path);
  await described.ask('GET', at('conversation/token'));

  // Agents.
  const config = { name: 'Described', tags: ['t'], conversation_config: { agent: { first_message: 'Hello', prompt: { llm: 'builtin' } } } };
  const agentId = textIn(await ask('POST', 'agents/create', config), 'agent_id');
  await ask('POST', 'agents/create', { conversation_config: 1 });
  await ask('POST', 'agents/create', { conversation_config: { agent: { prompt: { custom_llm: { url: 'http://x' } } } } });
  for (const query of ['', '?tags=t&sort_by=name&page_size=1', '?colour=red', '?page_size=0', '?cursor=x'])
    await ask('GET', `agents${query}`);
  for (const id of [agentId, 'agent_x']) {
    await ask('GET', `agents/${id}`);
    await ask('PATCH', `agents/${id}`, { tags: ['u'] });
  }

  // Ways in.
  for (const path of ['conversation/get-signed-url', 'conversation/get_signed_url']) {
    await ask('GET', `${path}?agent_id=${agentId}&include_conversation_id=true&user_id=ada`);
    await ask('GET', `${path}?agent_id=agent_x`);
    await ask('GET', path);
    await ask('GET', `${path}?agent_id=${agentId}&conversation_id=conv_x`);
  }
  const opened = await ask(
    'POST',
    'conversations',
    { agent_id: agentId, user_id: 'ada', app_metadata: { a: 1 } },
    { 'idempotency-key': 'open' },
  );
  const id = textIn(opened, 'conversation_id');
  await ask('POST', 'conversations', { agent_id: agentId, user_id: 'ada', app_metadata: { a: 1 } }, { 'idempotency-key': 'open' });
  await ask('POST', 'conversations', { agent_id: 'agent_x' }, { 'idempotency-key': 'open' });
  await ask('POST', 'conversations', { agent_id: 'agent_x' });
  await ask('POST', 'conversations', { agent: 'x' });
  await ask('POST', 'conversations', { agent_id: agentId, first_message: '{{name}}' });
  await ask('POST', 'conversations', { agent_id: agentId, conversation_config_override: { agent: { language: 'de' } } });
  await ask('POST', 'conversations', '{');
  await described.ask('POST', at('conversations'), { key, body: 'x', headers: { 'content-type': 'text/plain' } });
  await described.ask('POST', at('conversations'), { key, body: 'x'.repeat(2_000_000) });

  // Messages.
  const messages = `conversations/${id}/messages`;
  const sent = await ask('POST', messages, { type: 'user_message', text: 'Hi', wait_for: 'replied', metadata: { n: 1 } });
  const held = await ask('POST', messages, { type: 'instruction', text: 'Be brief.', urgency: 'later', expires_in_secs: 60 });
  await ask('POST', messages, { type: 'contextual_update', text: 'x', context_id: 'c' }, { 'idempotency-key': 'one' });
  await ask('POST', messages, { type: 'contextual_update', text: 'y', context_id: 'c' }, { 'idempotency-key': 'one' });
  await ask('POST', messages, { type: 'agent_message', text: 'x', if: { agent_state: ['speaking'] } });
  await ask('POST', messages, { type: 'agent_message', text: 'x'.repeat(20_000) });
  await ask('POST', messages, { type: 'agent_message', text: 'x', urgency: 'later' });
  await ask('POST', messages, { type: 'human_message', text: 'x' });
  await ask('POST', messages, { type: 'shout' });
  await ask('POST', 'conversations/conv_x/messages', { type: 'agent_message', text: 'x' });
  for (const query of ['', '?page_size=1', '?status=replied', '?status=x', '?cursor=x']) await ask('GET', `${messages}${query}`);
  for (const message of [textIn(held, 'message_id'), textIn(sent, 'message_id'), 'msg_x']) {
    await ask('GET', `${messages}/${message}`);
    await ask('DELETE', `${messages}/${message}`);
  }

  // Conversations.
  for (const query of ['', '?status=in-progress&page_size=1', '?tool_names=x&app_metadata.a=1', '?status=x', '?cursor=x'])
    await ask('GET', `conversations${query}`);
  await ask('GET', 'analytics/live-count');
  await described.ask('GET', at('analytics/live-count'));
  for (const one of [id, 'conv_x']) {
    await ask('PATCH', `conversations/${one}`, { app_metadata: { b: true, a: null } });
    await described.ask('POST', at(`conversations/${one}/feedback`), { body: { rating: 4, comment: 'good' } });
    await ask('GET', `conversations/${one}`);
    await ask('GET', `conversations/${one}/events?limit=1000`);
  }
  await ask('PATCH', `conversations/${id}`, { metadata: {} });
  await ask('GET', `conversations/${id}/events?after=9-9`);
  await ask('GET', `conversations/${id}/events?after=x`);
  await described.ask('POST', at(`conversations/${id}/feedback`), { body: {} });
  await described.ask('GET', at(`conversations/${id}`), { key: 'unknown' });

  // The end.
  await ask('POST', `conversations/${id}/end`, { message: 'x'.repeat(20_000) });
  for (const one of [id, id, 'conv_x']) await ask('POST', `conversations/${one}/end`, { message: 'Bye' });
  await ask('POST', messages, { type: 'agent_message', text: 'late' });
  await ask('PATCH', `conversations/${id}`, { app_metadata: {} });
  for (const one of [id, id]) await ask('DELETE', `conversations/${one}`);
  for (const one of [agentId, agentId]) await ask('DELETE', `agents/${one}`);
}
