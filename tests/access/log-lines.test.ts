import { isObject, parseJson } from '@backchannel/protocol';
import { expect, it } from 'vitest';
import { agentOf, joined, raw, serveApart, socketOf } from '../cases/stage.js';
import { Api } from '../harness/api.js';
import { until } from '../harness/until.js';

const KEY = 'bck_of_the_environment';

type Line = Readonly<Record<string, unknown>>;

/** The lines of the log, without what every line has. */
function linesOf(output: string): Line[] {
  const read = output.split('\n').map((text) => (text.startsWith('{') ? parseJson(text) : undefined));
  return read.flatMap((line) => {
    if (!line?.ok || !isObject(line.value)) return [];
    const { time: _time, ...rest } = line.value;
    return [rest];
  });
}

/** Refusals of every kind, and a conversation that is made, entered, left and ended. */
async function tour(level: 'debug' | 'info') {
  const { server } = await serveApart({ env: { BACKCHANNEL_API_KEY: KEY, BACKCHANNEL_LOG_LEVEL: level } });
  const api = new Api(server.url, KEY);
  const agentId = await api.createAgent(agentOf());
  const reader = await api.ask<{ key_id: string; api_key: string }>('POST', '/api-keys', {
    name: 'reader',
    scopes: ['conversations:read'],
  });
  await new Api(server.url, 'bck_guessed').call('GET', '/conversations');
  await new Api(server.url, reader.api_key).call('GET', '/api-keys');
  const made = await api.open(agentId);
  await api.send(made, { type: 'contextual_update', text: 'A text.' });
  await new Api(server.url, reader.api_key).call('POST', `/conversations/${made}/messages`, { type: 'user_message', text: 'A text.' });
  await api.call('POST', '/conversations/conv_nowhere/messages', { type: 'user_message', text: 'A text.' });
  const { client, id } = await joined(socketOf(server, agentId));
  client.socket.close(1000);
  for (const named of [agentId.replace('agent_', 'agent_0'), KEY]) {
    const refused = await raw(socketOf(server, named));
    refused.init();
    await refused.closed;
  }
  await api.call('POST', `/conversations/${made}/end`, {});
  await until('both have ended', async () => (await api.ask<{ status: string }>('GET', `/conversations/${id}`)).status === 'done');
  let metrics = '';
  await until('every socket is gone', async () => {
    metrics = await (await fetch(`${server.url}/metrics`)).text();
    return metrics.includes('backchannel_client_sockets 0\n');
  });
  await server.terminate();
  return { agentId, made, id, reader, metrics, lines: linesOf(server.output) };
}

it('[AC52] [RE95] at debug the log says who was refused, with ids and codes alone, and the metrics count them by code', async () => {
  const { agentId, reader, metrics, lines } = await tour('debug');
  const refused = { level: 'debug', msg: 'a request was refused', request_id: expect.stringMatching(/^req_/) };
  const get = { ...refused, method: 'GET' };
  expect(lines.filter(({ msg }) => msg === refused.msg)).toEqual([
    { ...get, code: 'invalid_api_key', route: '/v1/convai/conversations' },
    { ...get, code: 'missing_scope', route: '/v1/convai/api-keys', key_id: reader.key_id },
    {
      ...{ ...refused, method: 'POST', code: 'missing_scope', key_id: reader.key_id },
      route: '/v1/convai/conversations/:conversation_id/messages',
    },
  ]);
  expect(lines.filter(({ msg }) => msg === 'a client was refused')).toEqual([
    { level: 'debug', msg: 'a client was refused', code: 'agent_not_found', agent_id: agentId.replace('agent_', 'agent_0') },
    { level: 'debug', msg: 'a client was refused', code: 'agent_not_found' },
  ]);
  for (const secret of [KEY, 'bck_guessed', reader.api_key, 'A text.']) expect(JSON.stringify(lines)).not.toContain(secret);
  for (const line of [
    'messages_refused_total 2',
    'messages_refused_by_code_total{code="missing_scope"} 1',
    'messages_refused_by_code_total{code="conversation_not_found"} 1',
    'clients_refused_total{code="agent_not_found"} 2',
    'client_sockets_closed_total{code="1000"} 1',
    'client_sockets_closed_total{code="3000"} 2',
  ])
    expect(metrics).toContain(`\nbackchannel_${line}\n`);
  expect(metrics).toMatch(/^backchannel_appends_total [1-9]\d*$/m);
  expect(metrics).toMatch(/^backchannel_commits_total [1-9]\d*$/m);
  expect(metrics).toMatch(/^backchannel_connections [1-9]\d*$/m);
});

it('[AC52] at info the log tells the life of a conversation, a line for each change and none for a message', async () => {
  const { agentId, made, id, lines } = await tour('info');
  const about = (which: string) => lines.filter(({ conversation_id }) => conversation_id === which);
  const info = { level: 'info', agent_id: agentId };
  expect(about(made)).toEqual([
    { ...info, conversation_id: made, begun: 'api', msg: 'a conversation was made' },
    { ...info, conversation_id: made, reason: 'ended_by_api', status: 'done', msg: 'a conversation ended' },
  ]);
  expect(about(id)).toEqual([
    { ...info, conversation_id: id, session_id: expect.any(String), msg: 'a client joined' },
    {
      level: 'info',
      conversation_id: id,
      session_id: expect.any(String),
      reason: 'left',
      code: 1000,
      phase: 'ended',
      msg: 'a client left',
    },
    { ...info, conversation_id: id, reason: 'client_left', status: 'done', msg: 'a conversation ended' },
  ]);
  expect(lines.filter(({ msg }) => String(msg).includes('refused'))).toEqual([]);
});
