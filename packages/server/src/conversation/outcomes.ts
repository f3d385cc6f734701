import type { ErrorCode, MessageType, Urgency } from '@backchannel/protocol';

/** Which row of the outcome table holds. Exactly one does: the first that fits, in this order. */
export const SITUATIONS = [
  'unknown',
  'ended',
  'unavailable',
  'held',
  'human',
  'user_busy',
  'protected',
  'speaking',
  'tool',
  'thinking',
  'listening',
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** What becomes of a message. */
export type Outcome =
  /** Refused, with this row of the error table. */
  | { readonly refuse: ErrorCode }
  /** Kept until a client is there; at the join, contexts before any line, then lines in order. */
  | 'hold'
  /** Kept until the situation changes, then looked up again. */
  | 'wait'
  /** As `soon`, and the receipt says so. */
  | 'downgrade'
  /** Now when no turn is open, otherwise at the end of the open one, or in the prompt of its restart. */
  | 'after_turn'
  /** Kept until the next prompt takes it. */
  | 'next_prompt'
  /** The speech is stopped, then the message acts. */
  | 'cut'
  /** The wordless turn ends interrupted; a new one answers everything. */
  | 'restart'
  /** The same, but only once a reply; then it waits for the reply. */
  | 'restart_once'
  /** Said at once as a line of its own, while the generation goes on. */
  | 'beside'
  | 'now';

export type Cell = Outcome | ({ readonly rest: Outcome } & Partial<Readonly<Record<MessageType, Outcome>>>);

const all = (cell: Cell): Readonly<Record<Urgency, Cell>> => ({ immediate: cell, soon: cell, later: cell });
const background: Cell = { rest: 'after_turn', instruction: 'next_prompt' };

/**
 * The outcome table: every situation, every urgency. It holds for every engine; the documents' table and one test
 * per cell are generated from it. An instruction without a reply is not looked up: the next prompt takes it.
 */
export const OUTCOMES: Readonly<Record<Situation, Readonly<Record<Urgency, Cell>>>> = {
  unknown: all({ refuse: 'conversation_not_found' }),
  ended: all({ refuse: 'conversation_ended' }),
  unavailable: all({ refuse: 'unavailable' }),
  held: { immediate: 'hold', soon: 'hold', later: { rest: 'hold', instruction: 'next_prompt' } },
  human: { immediate: { rest: 'hold', human_message: 'now' }, soon: { rest: 'hold', human_message: 'now' }, later: 'hold' },
  user_busy: { immediate: 'wait', soon: 'wait', later: background },
  protected: { immediate: 'downgrade', soon: 'after_turn', later: background },
  speaking: { immediate: 'cut', soon: 'after_turn', later: background },
  tool: { immediate: 'restart', soon: 'after_turn', later: background },
  thinking: {
    immediate: { rest: 'restart', agent_message: 'beside' },
    soon: { rest: 'restart_once', agent_message: 'beside' },
    later: background,
  },
  listening: { immediate: 'now', soon: 'now', later: { rest: 'now', instruction: 'next_prompt' } },
};

export function outcomeOf(situation: Situation, urgency: Urgency, type: MessageType): Outcome {
  const cell = OUTCOMES[situation][urgency];
  return typeof cell === 'object' && 'rest' in cell ? (cell[type] ?? cell.rest) : cell;
}
