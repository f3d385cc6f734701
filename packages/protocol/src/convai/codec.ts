import type { ClientCommand, NamedCommand } from '../command.js';
import type { ConversationEvent, EventOf, PartialEvent } from '../event.js';
import type { ConversationId, SessionId } from '../ids.js';
import type { ClientMessage } from './client-message.js';
import {
  agentResponse,
  agentResponsePart,
  agentToolRequest,
  agentToolResponse,
  fatalError,
  initiationMetadata,
  interruption,
  userTranscript,
} from './server-frames.js';
import type { ServerMessage } from './server-message.js';

/**
 * Where ElevenLabs' vocabulary meets ours. Out: a pure function of what one session's stream has seen
 * and the next event or partial. In: a client's message as the command it asks for. Both run for every
 * frame, so neither touches a schema.
 */

/** What one session has been shown; plain data, changed in place by `encode`. */
export type StreamView = {
  readonly conversationId: ConversationId;
  readonly sessionId: SessionId;
  /** The turn whose stream this session saw begin; kept after its line until the next one, for its interruption. */
  turn?: {
    readonly id: string;
    readonly eventId: number;
    /** How much of the reply's text went out as deltas, in UTF-16 units. */
    sent: number;
    /** False once the line was shown: `stop` went out, no delta may follow. */
    open: boolean;
  };
};

const NOTHING: readonly ServerMessage[] = [];

export function createStreamView(conversationId: ConversationId, sessionId: SessionId): StreamView {
  return { conversationId, sessionId };
}

/** The frames for one event or partial, in order; usually none or one. */
export function encode(view: StreamView, output: ConversationEvent | PartialEvent): readonly ServerMessage[] {
  switch (output.type) {
    case 'reply.delta':
      return encodeDelta(view, output);
    case 'message.added':
      return output.role === 'agent' ? encodeAgentLine(view, output) : encodeUserLine(view, output);
    case 'turn.interrupted':
      return encodeInterruption(view, output);
    case 'client.joined':
      return output.session_id === view.sessionId ? [initiationMetadata(view.conversationId, output.formats)] : NOTHING;
    case 'tool.called':
      // The end of the call is told once, by its response: a request would be answered by a client that takes it for its own.
      return output.tool_name === 'end_call' ? NOTHING : [agentToolRequest(output)];
    case 'tool.returned':
      return [agentToolResponse(output, output.is_error)];
    case 'conversation.ended':
      return output.reason === 'max_duration'
        ? [fatalError(1000, 'max_duration_exceeded', 'The conversation has reached its maximum duration.')]
        : NOTHING;
    default:
      return NOTHING;
  }
}

/** Only the first piece opens a stream, and never inside another one: whoever comes later gets the whole line. */
function encodeDelta(view: StreamView, delta: PartialEvent): readonly ServerMessage[] {
  const { turn } = view;
  if (delta.index === 0) {
    if (turn?.open || turn?.id === delta.turn_id) return NOTHING;
    view.turn = { id: delta.turn_id, eventId: delta.event_id, sent: delta.text.length, open: true };
    return [agentResponsePart('start', '', delta.event_id), agentResponsePart('delta', delta.text, delta.event_id)];
  }
  if (!turn?.open || turn.id !== delta.turn_id) return NOTHING;
  turn.sent += delta.text.length;
  return [agentResponsePart('delta', delta.text, delta.event_id)];
}

/** A line that is longer than its stream (an apology was added) sends the rest as a last delta first. */
function encodeAgentLine(view: StreamView, line: EventOf<'message.added'>): readonly ServerMessage[] {
  const { turn } = view;
  const response = agentResponse(line.text, line.event_id);
  if (!turn?.open || turn.id !== line.turn_id) return [response];
  turn.open = false;
  const stop = agentResponsePart('stop', '', line.event_id);
  if (line.text.length <= turn.sent) return [response, stop];
  return [agentResponsePart('delta', line.text.slice(turn.sent), line.event_id), response, stop];
}

/** Official clients show what they typed themselves, so an echo would stand there twice. */
function encodeUserLine(view: StreamView, line: EventOf<'message.added'>): readonly ServerMessage[] {
  return line.session_id === view.sessionId ? NOTHING : [userTranscript(line.text, line.event_id)];
}

function encodeInterruption(view: StreamView, event: EventOf<'turn.interrupted'>): readonly ServerMessage[] {
  const { turn } = view;
  if (turn?.id !== event.turn_id) return NOTHING;
  delete view.turn;
  return [interruption(turn.eventId)];
}

/** What a client's message asks of the conversation; undefined for what is the transport's own (init, audio) or not served. */
export function toCommand(message: ClientMessage, sessionId: SessionId): NamedCommand | ClientCommand | undefined {
  switch (message.type) {
    case 'user_message':
    case 'multimodal_message':
      return typeof message.text === 'string' ? userMessage(message.text, sessionId) : undefined;
    case 'contextual_update':
      return {
        type: 'message.send',
        message: {
          type: 'contextual_update',
          text: message.text,
          urgency: 'later',
          reply: 'none',
          ...(message.context_id ? { context_id: message.context_id } : {}),
        },
        source: 'client',
        session_id: sessionId,
      };
    case 'pong':
      return { type: 'client.pong', session_id: sessionId, through: message.event_id };
    case 'user_activity':
      return { type: 'client.activity', session_id: sessionId };
    case 'feedback':
      return { type: 'feedback.give', event_id: message.event_id, score: message.score };
    default:
      return undefined;
  }
}

/** What is typed interrupts, as it does at ElevenLabs. */
function userMessage(text: string, sessionId: SessionId): NamedCommand {
  return {
    type: 'message.send',
    message: { type: 'user_message', text, urgency: 'immediate', reply: 'auto' },
    source: 'client',
    session_id: sessionId,
  };
}
