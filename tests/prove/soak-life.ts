import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { pick, type Random } from './random.js';
import type { Answered, SoakApi } from './soak-api.js';
import { SoakClient } from './soak-client.js';

export type Stage = {
  readonly api: SoakApi;
  readonly random: Random;
  /** What happened, by name, for the report. */
  readonly count: (what: string) => void;
  /** An answer that a sound server does not give. */
  readonly wrong: (what: string) => void;
};

const AGENT = 'agent_demo';
const MOST_ACTS = 12;
const BETWEEN_MS = 60;
const MESSAGES = [
  { type: 'agent_message', text: 'Your parcel has left the depot.' },
  { type: 'agent_message', text: 'One moment please, this is urgent.', urgency: 'immediate' },
  { type: 'contextual_update', text: 'The customer is looking at the page of returns.' },
  { type: 'contextual_update', context_id: 'basket', text: 'Three things are in the basket.' },
  { type: 'user_message', text: 'What can you do?' },
  { type: 'user_message', text: 'When does my parcel arrive?', wait_for: 'replied', timeout_ms: 5_000 },
  { type: 'user_message', text: 'Never mind.', urgency: 'later' },
  { type: 'instruction', text: 'Answer in one sentence.' },
] as const;
/** Without the ones that are waited for: nobody would answer until the client is back. */
const HELD = [MESSAGES[0], MESSAGES[2], MESSAGES[4], MESSAGES[7]] as const;
type Message = (typeof MESSAGES)[number];

/** One conversation from its beginning to an end, with all that may come between; then nothing of it is left to wait for. */
export async function live(stage: Stage): Promise<void> {
  const { api, random, count } = stage;
  const { id, stays } = await begin(stage);
  let client = random() < 0.9 ? await join(stage, id) : undefined;
  for (let acts = Math.floor(random() * MOST_ACTS); acts > 0; acts--) {
    await pause(random() * BETWEEN_MS);
    const chance = random();
    if (chance < 0.6) await send(stage, id);
    else if (chance < 0.8) client?.type('I would like to return something.');
    else if (chance < 0.9) await api.ask('GET', `/conversations/${id}`);
    else if (client !== undefined) {
      count('lost');
      await client.lose();
      // While nobody is there it is told something, and the client is shown that when it is back.
      if (random() < 0.5) await send(stage, id, HELD);
      client = await join(stage, id);
    }
  }
  await leave(stage, client);
  if (stays || client === undefined) await end(stage, id);
}

/** By a backend that opens it or mints a URL for it. One that was opened stays until a backend ends it. */
async function begin({ api, random, count, wrong }: Stage): Promise<{ id: string; stays: boolean }> {
  count('conversations');
  const stays = random() < 0.5;
  const answer = stays
    ? await api.ask('POST', '/conversations', { agent_id: AGENT })
    : await api.ask('GET', `/conversation/get-signed-url?agent_id=${AGENT}&include_conversation_id=true`);
  if (answer.status >= 300) wrong(`a conversation was not opened: ${shown(answer)}`);
  return { id: String(answer.body.conversation_id), stays };
}

async function join({ api, count, wrong }: Stage, id: string): Promise<SoakClient | undefined> {
  const answer = await api.ask('GET', `/conversation/get-signed-url?agent_id=${AGENT}&conversation_id=${id}`);
  if (answer.status !== 200) {
    wrong(`no URL was minted: ${shown(answer)}`);
    return undefined;
  }
  const client = new SoakClient(String(answer.body.signed_url));
  try {
    await client.joined;
    count('joins');
    return client;
  } catch (error) {
    wrong(`a client could not join: ${String(error)}`);
    return undefined;
  }
}

async function send(
  { api, random, count, wrong }: Stage,
  id: string,
  messages: readonly [Message, ...Message[]] = MESSAGES,
): Promise<void> {
  count('messages');
  const message = pick<Message>(random, messages);
  const key = random() < 0.5 ? randomUUID() : undefined;
  const path = `/conversations/${id}/messages`;
  const answers = [await api.ask('POST', path, message, key)];
  if (key !== undefined && random() < 0.3) answers.push(await api.ask('POST', path, message, key));
  for (const answer of answers) if (answer.status >= 300) wrong(`a ${message.type} was not accepted: ${shown(answer)}`);
}

/** The client says goodbye, or is lost; either ends a conversation that does not stay, at once or in time. */
async function leave({ random, count }: Stage, client: SoakClient | undefined): Promise<void> {
  if (client === undefined) return;
  const lost = random() < 0.3;
  count(lost ? 'lost for good' : 'left by their clients');
  await (lost ? client.lose() : client.close());
}

async function end({ api, random, count, wrong }: Stage, id: string): Promise<void> {
  const erased = random() < 0.4;
  count(erased ? 'deleted' : 'ended by a backend');
  const answer = erased ? await api.ask('DELETE', `/conversations/${id}`) : await api.ask('POST', `/conversations/${id}/end`, {});
  if (answer.status >= 300) wrong(`a conversation was not ended: ${shown(answer)}`);
}

const shown = ({ status, body }: Answered): string => `${status} ${JSON.stringify(body)}`;
