import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RawClient, type RawClientOptions } from '@backchannel/server/testing';
import { describe, expect, it } from 'vitest';
import { agentOf, conversationIdOf, serveApart } from '../cases/stage.js';
import { answerPings } from '../harness/answer-pings.js';
import { Api } from '../harness/api.js';
import type { ServerProcess } from '../harness/server-process.js';
import { until } from '../harness/until.js';

const ENV_KEY = 'bck_CanaryOfTheEnvironment0000000000000000000000000000';
const MODEL_KEY = 'sk-CanaryOfTheModel000000000000000000000000';
const TOKEN = 'bct_CanaryOfAToken00000000000000000000000000000';
const GUESSED = 'bck_CanaryThatWasGuessed00000000000000000000000000';
const TEXT = 'CanaryOfAText';

/** Puts a secret or a text wherever one may be put, also where it does not belong. */
async function tour({ url }: ServerProcess): Promise<Readonly<Record<string, string>>> {
  const api = new Api(url, ENV_KEY);
  const made = await api.ask<{ key_id: string; api_key: string }>('POST', '/api-keys', { name: 'made', scopes: ['convai_write'] });
  const agentId = await api.createAgent(agentOf());
  const id = await api.open(agentId);
  const { signedUrl } = await api.mint(agentId, { include_conversation_id: 'true' });
  const signature = new URL(signedUrl).searchParams.get('conversation_signature') ?? '';
  const forged = `${signature.slice(0, -6)}Canary`;

  // The model fails, so the log has something to say; its answer repeats the key, as some do.
  await api.send(id, { type: 'user_message', text: `${TEXT} one`, wait_for: 'replied' });
  await api.send(id, { type: 'contextual_update', text: `${TEXT} two`, context_id: 'x' });
  await api.send(id, { type: 'agent_message', text: `${TEXT} three` });
  await api.send(id, { type: 'instruction', text: `${TEXT} four`, reply: 'none' });
  await api.post(`/conversations/${id}/messages`, { type: 'user_message', text: `${TEXT} five`, urgency: 'never' });
  const as = (key: string, path: string) => new Api(url, key).call('GET', path);
  for (const key of [GUESSED, TOKEN, signature, MODEL_KEY]) await as(key, '/conversations');
  await as(made.api_key, `/nowhere/${made.api_key}?token=${TOKEN}&xi-api-key=${ENV_KEY}&conversation_signature=${signature}`);
  await api.call('GET', '/conversations', undefined, { headers: { 'xi-api-key': '', authorization: `Bearer ${TOKEN}` } });

  const origin = url.replace(/^http/, 'ws');
  const base = `${origin}/v1/convai/conversation?agent_id=${agentId}`;
  const ways: [string, RawClientOptions][] = [
    [signedUrl, {}],
    [signedUrl, {}],
    [signedUrl.replace(signature, forged), {}],
    [base, { protocols: ['convai', `bearer.${signature}`] }],
    [base, { protocols: ['convai', `bearer.${ENV_KEY}`] }],
    [base, { protocols: ['convai', `bearer.${forged}`] }],
    [base, { headers: { 'xi-api-key': made.api_key } }],
    [base, { headers: { 'xi-api-key': GUESSED } }],
    [`${base}&token=${TOKEN}`, {}],
  ];
  for (const [at, options] of ways) {
    const client = await RawClient.open(at, options);
    answerPings(client);
    client.init();
    const first = await Promise.race([client.next(), client.closed]);
    if ('type' in first) {
      conversationIdOf(first);
      client.send({ type: 'user_message', text: `${TEXT} six` });
      client.send({ type: 'contextual_update', text: `${TEXT} seven` });
      client.send(`{"type":"user_message","text":"${TEXT} eight`);
      client.send({ type: 'user_message', text: [`${TEXT} nine`] });
      client.send({ type: `${TEXT} ten` });
      await until('a frame was answered', () => client.frames.length > 1);
    }
    client.cut();
  }
  await api.call('DELETE', `/api-keys/${made.key_id}`);
  await as(made.api_key, '/conversations');
  const secrets = {
    ENV_KEY,
    MODEL_KEY,
    TOKEN,
    GUESSED,
    'a key that was made': made.api_key,
    'a signature': signature,
    'a forged signature': forged,
  };
  return secrets;
}

/** Every file of the data folder, as bytes. */
async function filesOf(folder: string): Promise<Buffer[]> {
  return Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
}

describe('canaries', () => {
  it('[AC50] no key, signature or token stands in a log, in the metrics or in the data, whatever was done with it', async () => {
    const { server, model } = await serveApart({
      env: { BACKCHANNEL_API_KEY: ENV_KEY, BACKCHANNEL_LLM_KEY: MODEL_KEY, BACKCHANNEL_LOG_LEVEL: 'debug' },
    });
    model.otherwise(() => ({ status: 401, error: { message: `Incorrect API key provided: ${MODEL_KEY}`, code: 'invalid_api_key' } }));
    const secrets = await tour(server);
    expect(model.requests[0]?.headers.authorization).toBe(`Bearer ${MODEL_KEY}`);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const data = await filesOf(server.data);
    // What is searched is there to be found: texts and the hashes of keys.
    expect(data.some((file) => file.includes(TEXT))).toBe(true);
    expect(data.some((file) => file.includes(createHash('sha256').update(ENV_KEY).digest('hex')))).toBe(true);
    expect(server.output).toMatch(/"level":"(warn|error)"/);
    await server.terminate();
    const places = { log: [Buffer.from(server.output)], metrics: [Buffer.from(metrics)], data: [...data, ...(await filesOf(server.data))] };
    for (const [place, texts] of Object.entries(places)) {
      for (const [name, secret] of Object.entries(secrets)) {
        expect([place, name, texts.some((text) => text.includes(secret))]).toEqual([place, name, false]);
      }
    }
  });

  it('[AC51] no text of a conversation stands in a log above debug, or in the metrics', async () => {
    const { server, model } = await serveApart({
      env: { BACKCHANNEL_API_KEY: ENV_KEY, BACKCHANNEL_LLM_KEY: MODEL_KEY, BACKCHANNEL_LOG_LEVEL: 'info' },
    });
    model.otherwise(() => ({ status: 500, error: { message: `Cannot answer ${TEXT} one` } }));
    await tour(server);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    await server.terminate();
    const logged = server.output.split('\n').filter((line) => line.startsWith('{'));
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.filter((line) => line.includes(TEXT))).toEqual([]);
    expect(metrics).not.toContain(TEXT);
  });
});
