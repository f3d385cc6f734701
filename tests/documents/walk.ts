import { type Described, textIn } from './described.js';

const API = '/v1/convai';

/** Every operation at least once with success and once without. */
export async function walk(described: Described, key: string): Promise<void> {
  const at = (path: string) => `${API}/${path}`;
  const ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) =>
    described.ask(method, at(path), { key, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) });

  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/asyncapi.json', '/docs']) await described.ask('GET', path);
  await described.ask('GET', at('conversation/token'));
  await described.ask('GET', at('conversation'));

  await walkPage(described);

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

  // Keys.
  const wanted = { name: 'Described', scopes: ['conversations:read'], agent_ids: [agentId], expires_in_secs: 60 };
  const made = await ask('POST', 'api-keys', wanted, { 'idempotency-key': 'key' });
  await ask('POST', 'api-keys', wanted, { 'idempotency-key': 'key' });
  await ask('POST', 'api-keys', { ...wanted, agent_ids: ['agent_x'] });
  await ask('POST', 'api-keys', { name: '' });
  await described.ask('GET', at('api-keys'), { key: textIn(made, 'api_key') });
  await ask('GET', 'api-keys');
  for (const one of [textIn(made, 'key_id'), 'key_x']) {
    await ask('GET', `api-keys/${one}`);
    await ask('DELETE', `api-keys/${one}`);
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

/** The page, what it loads, and the conversation that it is given, as its browser asks for them. */
async function walkPage(described: Described): Promise<void> {
  const page = await described.ask('GET', '/');
  const parts = [...String(page.body).matchAll(/assets\/([\w.-]+)/g)].map(([, part]) => part);
  for (const part of [...parts, 'nothing.js']) await described.ask('GET', `/assets/${part}`);
  const headers = { origin: described.url };
  const begun = await described.ask('POST', '/page/session', { headers });
  await described.ask('POST', '/page/session', { headers, body: { resume: textIn(begun, 'resume') } });
  await described.ask('POST', '/page/session', { headers, body: { resume: 'x' } });
  await described.ask('POST', '/page/session', { headers, body: { again: 'x' } });
  await described.ask('POST', '/page/session');
}
