import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { oneServer } from '../compat/one-server.js';
import { Described, type Openapi } from './described.js';
import { walk } from './walk.js';

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
