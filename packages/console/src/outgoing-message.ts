/** What the form can send, in words; the server knows all combinations and refuses the others. */
export type MessageKind = 'agent_message' | 'user_message' | 'contextual_update' | 'instruction';
export type Urgency = 'immediate' | 'soon' | 'later';
export type OutgoingMessage = { readonly type: MessageKind; readonly text: string; readonly urgency: Urgency };

type Kind = {
  readonly type: MessageKind;
  readonly name: string;
  readonly what: string;
  /** The default first. */
  readonly urgencies: readonly Urgency[];
  readonly sample: string;
  /** The levels that its receipt climbs, in order. */
  readonly levels: readonly string[];
};

/** The four types, each with a sample that works with the demo agent in this order. */
export const KINDS: readonly Kind[] = [
  {
    type: 'agent_message',
    name: 'Agent says',
    what: 'The agent says exactly this.',
    urgencies: ['soon', 'immediate'],
    sample: 'Good news: your parcel is on its way.',
    levels: ['accepted', 'applied', 'spoken'],
  },
  {
    type: 'contextual_update',
    name: 'Agent knows',
    what: 'Background that the agent knows from now on.',
    urgencies: ['later', 'soon', 'immediate'],
    sample: 'Parcel 4711 arrives on Friday.',
    levels: ['accepted', 'applied'],
  },
  {
    type: 'user_message',
    name: 'User says',
    what: 'As if the user had said it. The agent answers.',
    urgencies: ['soon', 'immediate', 'later'],
    sample: 'When does my parcel arrive?',
    levels: ['accepted', 'applied', 'replied', 'spoken'],
  },
  {
    type: 'instruction',
    name: 'Agent does',
    what: 'An order for the next reply only.',
    urgencies: ['soon', 'immediate', 'later'],
    sample: 'Ask the user whether Friday suits them.',
    levels: ['accepted', 'applied', 'replied', 'spoken'],
  },
];

/** What each urgency means, for people. */
export const URGENCY_WORDS: Readonly<Record<Urgency, string>> = {
  immediate: 'now, even if it interrupts',
  soon: 'when the current reply has ended',
  later: 'at the next natural turn',
};

/** The table's row of a type. */
export function kindOf(type: string): Kind | undefined {
  return KINDS.find((kind) => kind.type === type);
}
