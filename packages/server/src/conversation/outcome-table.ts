import { ERRORS, MESSAGE_RULES, type MessageType, type Urgency } from '@backchannel/protocol';
import { type Outcome, outcomeOf, SITUATIONS, type Situation } from './outcomes.js';

/** A situation as a reader meets it. */
const WHEN: Readonly<Record<Situation, string>> = {
  unknown: 'the id is unknown',
  ended: 'the conversation has ended, or is ending',
  unavailable: 'its owner cannot be reached, or the store cannot be written',
  held: 'no client yet, or it was lost, or it joined less than 100 ms ago',
  human: 'a person has taken over',
  user_busy: 'the user is speaking or typing',
  protected: 'a turn is open that must not be interrupted',
  speaking: 'the agent is speaking: a reply is streaming',
  tool: 'a tool is running, and nothing was said',
  thinking: 'the agent is thinking: a turn is open, and nothing was said',
  listening: 'the agent is listening, and all is quiet',
};

/** They stand in the data, and nothing leads there yet. */
const NOT_REACHED: readonly Situation[] = ['human', 'tool'];

const URGENCIES = ['immediate', 'soon', 'later'] as const satisfies readonly Urgency[];

type Word = Extract<Outcome, string>;

const WORDS: Readonly<Record<Word, string>> = {
  hold: 'held: acts in order at the join',
  wait: 'waits until they have finished: one reply for everything',
  downgrade: 'after it, as `soon`; the receipt says `downgraded`',
  after_turn: 'after it',
  next_prompt: 'waits for the next prompt',
  cut: 'stops it, then acts',
  restart: 'the turn is cut, a new one answers everything',
  restart_once: 'the turn is cut once a reply, and a new one answers everything; else after it',
  beside: 'said at once as a line of its own, the reply goes on',
  now: 'now',
};

/** Where the general word would say too little. */
const IN_PLACE: Readonly<Partial<Record<Situation, Partial<Record<Word, Partial<Record<Urgency, string>>>>>>> = {
  held: { hold: { later: 'held: a context acts before any line, a line in order' } },
  human: { hold: { immediate: 'held for the hand-back', soon: 'held for the hand-back', later: 'context for the hand-back' } },
  user_busy: { after_turn: { later: 'now, or after the open turn' } },
  thinking: { after_turn: { later: 'after the reply, or in the prompt of its restart' } },
  listening: { now: { later: 'now, without a reply' } },
};

/** The types that have this urgency; a person's line means something only where a person has taken over. */
function typesWith(situation: Situation, urgency: Urgency): MessageType[] {
  const types = Object.keys(MESSAGE_RULES) as MessageType[]; // its keys are the types
  return types.filter((type) => MESSAGE_RULES[type].urgencies.includes(urgency) && (type !== 'human_message' || situation === 'human'));
}

function wordOf(outcome: Outcome, situation: Situation, urgency: Urgency): string {
  if (typeof outcome === 'object') return `${ERRORS[outcome.refuse].http} \`${outcome.refuse}\``;
  return IN_PLACE[situation]?.[outcome]?.[urgency] ?? WORDS[outcome];
}

function cellText(situation: Situation, urgency: Urgency): string {
  const words = new Map<string, MessageType[]>();
  for (const type of typesWith(situation, urgency)) {
    const word = wordOf(outcomeOf(situation, urgency, type), situation, urgency);
    words.set(word, [...(words.get(word) ?? []), type]);
  }
  const [[common] = ['–'], ...others] = [...words].sort(([, a], [, b]) => b.length - a.length);
  return [common, ...others.map(([word, types]) => `${types.map((type) => `\`${type}\``).join(', ')}: ${word}`)].join('; ');
}

/** The outcome table as Markdown, for people: the same data that decides. */
export function outcomeTable(): string {
  const rows = SITUATIONS.filter((situation) => !NOT_REACHED.includes(situation)).map((situation) => {
    const cells = URGENCIES.map((urgency) => cellText(situation, urgency));
    const texts = cells.map((cell, index) => (index > 0 && cell === cells[index - 1] ? 'the same' : cell));
    return `| ${[WHEN[situation], ...texts].join(' | ')} |`;
  });
  return ['| when it comes in | `immediate` | `soon` | `later` |', '|---|---|---|---|', ...rows].join('\n');
}
