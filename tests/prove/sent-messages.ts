import type { HistoryLine, SentMessage } from './history.js';

export type Answer = { readonly message_id: string; readonly seq: number; readonly level: string; readonly replayed: boolean };

/** One message as its sender knows it, over all its tries. */
export type Sent = {
  readonly conversation: string;
  readonly key: string;
  readonly message: SentMessage;
  /** When its first try left. */
  readonly invokedAt: number;
  /** When its first good answer was there; infinity: never acknowledged. */
  acknowledgedAt: number;
  readonly answers: Answer[];
  tries: number;
  /** Tries that have certainly not happened. */
  refusals: number;
};

/** Every message of a history, by its text within its conversation. Throws when two messages cannot be told apart. */
export function sentMessages(lines: Iterable<HistoryLine>): Map<string, Sent> {
  const byText = new Map<string, Sent>();
  const byOp = new Map<number, Sent>();
  for (const line of lines) {
    if (line.type === 'invoke') byOp.set(line.op, tried(byText, line));
    else if (line.type === 'ok') {
      const sent = known(byOp, line.op);
      sent.acknowledgedAt = Math.min(sent.acknowledgedAt, line.t);
      sent.answers.push(line);
    } else if (line.type === 'fail') known(byOp, line.op).refusals += 1;
  }
  return byText;
}

/** The name under which a message is found in a log: the log may have lost its key, but not its text. */
export const textIn = (conversation: string, text: string): string => `${conversation} ${text}`;

function tried(byText: Map<string, Sent>, { t, conversation, key, message }: Extract<HistoryLine, { type: 'invoke' }>): Sent {
  const name = textIn(conversation, message.text);
  let sent = byText.get(name);
  if (sent === undefined) {
    sent = { conversation, key, message, invokedAt: t, acknowledgedAt: Number.POSITIVE_INFINITY, answers: [], tries: 0, refusals: 0 };
    byText.set(name, sent);
  } else if (sent.key !== key) {
    throw new Error(`${conversation} was sent "${message.text}" under two keys: messages are told apart by their texts`);
  }
  sent.tries += 1;
  return sent;
}

function known(byOp: ReadonlyMap<number, Sent>, op: number): Sent {
  const sent = byOp.get(op);
  if (sent === undefined) throw new Error(`op ${op} ends and was never invoked`);
  return sent;
}
