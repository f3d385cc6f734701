import type { ConversationEvent, EventOf } from '@backchannel/protocol';
import type { ServerMessage } from '@backchannel/protocol/convai';

/** Short names for the ids of one conversation: messages as a test calls them, turns as T, T2, … in the order they come. */
export class Names {
  private readonly names = new Map<string, string>();
  private turns = 0;

  give(id: string, name: string): void {
    this.names.set(id, name);
  }

  of(id: string): string {
    return this.names.get(id) ?? id;
  }

  turn(id: string): string {
    let name = this.names.get(id);
    if (name === undefined) {
      this.turns += 1;
      name = this.turns === 1 ? 'T' : `T${this.turns}`;
      this.names.set(id, name);
    }
    return name;
  }
}

/** One event in a line, as a person would note it on paper: `11 message.added agent #3`. `#n` is an ElevenLabs `event_id`. */
export function describeEvent(event: ConversationEvent, names: Names): string {
  const words = wordsOf(event, names).filter((word) => word !== undefined && word !== '');
  return `${event.seq} ${words.join(' ')}`;
}

type Word = string | undefined;

function wordsOf(event: ConversationEvent, names: Names): readonly Word[] {
  switch (event.type) {
    case 'client.joined':
      return [event.type, event.session_id];
    case 'client.confirmed':
      return [event.type, `through ${event.through}`];
    case 'conversation.ended':
      return [event.type, event.reason];
    case 'conversation.warned':
      return [event.type, event.code];
    case 'message.accepted':
      return [event.type, names.of(event.message_id), event.downgraded ? 'downgraded' : ''];
    case 'message.added':
      return [event.type, ...lineWords(event, names)];
    case 'message.level':
      return ['level', ...levelWords(event, names)];
    case 'turn.started':
      return [event.type, names.turn(event.turn_id), `#${event.event_id}`, ...causeWords(event, names)];
    case 'turn.interrupted':
      return [event.type, event.reason === 'immediate' ? '' : event.reason];
    case 'turn.ended':
      return [event.type, event.outcome === 'failed' ? 'failed' : ''];
    case 'context.set':
      return [event.type, names.of(event.context_id), event.replaces === undefined ? '' : `replaces ${names.of(event.replaces)}`];
    default:
      return [event.type];
  }
}

/** Who says it: the user, the engine, the greeting, or the message that is said word for word. */
function lineWords(line: EventOf<'message.added'>, names: Names): Word[] {
  const id = `#${line.event_id}`;
  if (line.role === 'user') return ['user', id];
  if (line.source === 'greeting') return ['greeting', id];
  if (line.interrupted) return ['agent', `"${line.text}"`, id, 'interrupted'];
  if (line.turn_id !== undefined) return ['agent', id];
  const [message] = line.messages;
  return message === undefined ? ['agent', `"${line.text}"`, id, `source ${line.source}`] : [names.of(message), id];
}

function levelWords(event: EventOf<'message.level'>, names: Names): Word[] {
  const basis = event.basis === undefined || event.basis === 'confirmed' ? '' : event.basis;
  return [names.of(event.message_id), event.level, event.reason, event.complete === false ? 'complete:false' : '', basis];
}

/** One cause is what everybody expects; several are worth a word. */
const causeWords = (event: EventOf<'turn.started'>, names: Names): Word[] =>
  event.cause.length === 1 ? [] : ['for', ...event.cause.map((id) => names.of(id))];

/** One frame of ElevenLabs' wire: `agent_response#3`, `start#3`, `ping`. */
export function describeFrame(frame: ServerMessage): string {
  switch (frame.type) {
    case 'conversation_initiation_metadata':
      return 'metadata';
    case 'agent_response':
      return `agent_response#${frame.agent_response_event.event_id}`;
    case 'agent_chat_response_part':
      return `${frame.text_response_part.type}#${frame.text_response_part.event_id}`;
    case 'user_transcript':
      return `user_transcript#${frame.user_transcription_event.event_id}`;
    case 'interruption':
      return `interruption#${frame.interruption_event.event_id}`;
    case 'agent_tool_response':
      return `agent_tool_response#${frame.agent_tool_response.event_id}`;
    case 'error':
      return `error ${frame.error_event.error_type}`;
    default:
      return frame.type;
  }
}
