import { setTimeout as pause } from 'node:timers/promises';
import { type Backend, codeOf, type Reply } from './backend.js';
import type { SentMessage } from './history.js';
import { pick, type Random } from './random.js';
import type { Recorder } from './recorder.js';

export type Load = {
  readonly backend: Backend;
  readonly recorder: Recorder;
  readonly conversations: readonly [string, ...string[]];
  /** How many messages there will be; all producers together take numbers from 0 on. */
  readonly messages: number;
  /** Told of each good answer, with when its request left. */
  readonly answered: (sentAt: number) => void;
  /** Told of each message that was acknowledged, once. */
  readonly acknowledged: () => void;
  readonly signal: AbortSignal;
  taken: number;
  ops: number;
};

const RETRY_MS = { first: 10, most: 100 } as const;
const CONTEXTS = ['page', 'cart', 'mood', 'plan'] as const;

/** Sends one message after the other, each until it is acknowledged; every tenth twice at once. */
export async function produce(load: Load, random: Random): Promise<void> {
  while (load.taken < load.messages && !load.signal.aborted) {
    const number = load.taken++;
    const conversation = pick(random, load.conversations);
    const key = `key-${number}`;
    const message = messageOf(number, random);
    const times = number % 10 === 0 ? 2 : 1;
    await Promise.all(Array.from({ length: times }, () => deliver(load, conversation, key, message, random)));
    load.acknowledged();
  }
}

function messageOf(number: number, random: Random): SentMessage {
  const share = random();
  if (share < 0.8) return { type: 'agent_message', text: `Message ${number} from the shop.` };
  if (share < 0.9) return { type: 'user_message', reply: 'none', text: `Message ${number} from the user.` };
  return { type: 'contextual_update', context_id: pick(random, CONTEXTS), text: `Context ${number}.` };
}

/** The same key and body until a 2xx. Rejects when the server says that it never will be. */
async function deliver(load: Load, conversation: string, key: string, message: SentMessage, random: Random): Promise<void> {
  const { backend, recorder, signal } = load;
  for (let retryMs: number = RETRY_MS.first; !signal.aborted; retryMs = Math.min(2 * retryMs, RETRY_MS.most)) {
    const op = load.ops++;
    const sentAt = performance.now();
    recorder.tell({ type: 'invoke', op, conversation, key, message });
    const reply = await backend.send(conversation, key, message).catch((error: unknown) => error);
    if (isReply(reply)) {
      if (reply.status < 300) {
        recorder.tell(okOf(op, reply));
        load.answered(sentAt);
        return;
      }
      const code = codeOf(reply);
      if (isUnknown(reply.status, code)) recorder.tell({ type: 'info', op, reason: `${reply.status} ${code}` });
      else {
        recorder.tell({ type: 'fail', op, status: reply.status, code });
        if (reply.status !== 429) throw new Error(`${conversation} refused ${JSON.stringify(message)}: ${JSON.stringify(reply.body)}`);
      }
    } else recorder.tell({ type: 'info', op, reason: reasonOf(reply) });
    await pause(retryMs * (0.5 + random()));
  }
}

const isReply = (value: unknown): value is Reply => typeof value === 'object' && value !== null && 'status' in value && 'body' in value;

/** What `fetch` says is always the same; why is in its cause. */
function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(error);
}

/** 5xx: not acknowledged, possibly stored. A pending key: the first try with it is still under way. */
const isUnknown = (status: number, code: string): boolean => status >= 500 || code === 'idempotency_key_pending';

const okOf = (op: number, { status, body, replayed }: Reply) =>
  ({ type: 'ok', op, status, message_id: String(body.message_id), seq: Number(body.seq), level: String(body.status), replayed }) as const;
