/** Asks an SDK for backends to make a call, in that SDK's own words. */
export type Rest = <T>(args: object) => Promise<T>;

/** Each fails when an answer is not what it must be. */
export type RestCalls = {
  readonly agents: (rest: Rest) => Promise<void>;
  /** `id` is a live conversation of the agent. */
  readonly conversations: (rest: Rest, of: { readonly agentId: string; readonly id: string }) => Promise<void>;
  readonly thumb: (rest: Rest, id: string) => Promise<void>;
};

function must(what: string, holds: boolean | undefined): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

/** `elevenlabs-js`: positional arguments, camelCase. It throws by itself when a required key is missing. */
export const restOfJs: RestCalls = {
  async agents(rest) {
    const call = <T>(name: string, ...args: readonly unknown[]) => rest<T>({ call: `agents.${name}`, args });
    type Agent = { readonly agentId: string; readonly name: string };
    const name = `Table ${Math.random()}`;
    const { agentId } = await call<Agent>('create', { name, conversationConfig: {} });
    must('it is read', (await call<Agent>('get', agentId)).name === name);
    must('it is changed', (await call<Agent>('update', agentId, { name: `${name}!` })).name === `${name}!`);
    must('it is listed', (await call<{ agents: Agent[] }>('list', { search: name })).agents[0]?.agentId === agentId);
    await call('delete', agentId);
    must('it is gone', (await call<{ agents: Agent[] }>('list', { search: name })).agents.length === 0);
  },
  async conversations(rest, { agentId, id }) {
    const call = <T>(name: string, ...args: readonly unknown[]) => rest<T>({ call: name, args });
    type Page = { readonly conversations: readonly { readonly conversationId: string }[] };
    const { signedUrl } = await call<{ signedUrl: string }>('conversations.getSignedUrl', { agentId });
    must('a URL is minted', signedUrl.includes('conversation_signature='));
    must('it is read', (await call<{ status: string }>('conversations.get', id)).status === 'in-progress');
    must('it is listed', (await call<Page>('conversations.list', { agentId })).conversations[0]?.conversationId === id);
    await call('conversations.delete', id);
    must('it is gone', (await call<Page>('conversations.list', { agentId })).conversations.length === 0);
  },
  thumb: async (rest, id) => void (await rest({ call: 'conversations.feedback.create', args: [id, { feedback: 'like' }] })),
};

type Parsed<T> = { readonly value: T; readonly complaints: readonly string[] };

/** Python: named arguments, snake_case. What its types demand and an answer lacks is a failure. */
export const restOfPython: RestCalls = {
  async agents(rest) {
    const call = caller(rest);
    type Agent = { readonly agent_id: string; readonly name: string };
    const name = `Table ${Math.random()}`;
    const { agent_id } = await call<Agent>('agents.create', { name, conversation_config: {} });
    must('it is read', (await call<Agent>('agents.get', { agent_id })).name === name);
    must('it is changed', (await call<Agent>('agents.update', { agent_id, name: `${name}!` })).name === `${name}!`);
    must('it is listed', (await call<{ agents: Agent[] }>('agents.list', { search: name })).agents[0]?.agent_id === agent_id);
    await call('agents.delete', { agent_id });
    must('it is gone', (await call<{ agents: Agent[] }>('agents.list', { search: name })).agents.length === 0);
  },
  async conversations(rest, { agentId: agent_id, id: conversation_id }) {
    const call = caller(rest);
    type Page = { readonly conversations: readonly { readonly conversation_id: string }[] };
    const { signed_url } = await call<{ signed_url: string }>('conversations.get_signed_url', { agent_id });
    must('a URL is minted', signed_url.includes('conversation_signature='));
    must('it is read', (await call<{ status: string }>('conversations.get', { conversation_id })).status === 'in-progress');
    must('it is listed', (await call<Page>('conversations.list', { agent_id })).conversations[0]?.conversation_id === conversation_id);
    await call('conversations.delete', { conversation_id });
    must('it is gone', (await call<Page>('conversations.list', { agent_id })).conversations.length === 0);
  },
  thumb: async (rest, conversation_id) => void (await caller(rest)('conversations.feedback.create', { conversation_id, feedback: 'like' })),
};

function caller(rest: Rest) {
  return async <T>(call: string, args: object): Promise<T> => {
    const { value, complaints } = await rest<Parsed<T>>({ call, ...args });
    if (complaints.length > 0) throw new Error(`${call}: ${complaints.join('; ')}`);
    return value;
  };
}
