import type { ServerMessage } from '@backchannel/protocol/convai';
import { must } from './log-rules.js';
import { describeFrame } from './notation.js';

/**
 * The rules of one session's wire, frame by frame: metadata first and once; a stream is start, deltas, exactly
 * one agent_response and stop, with nothing foreign before its agent_response; a line is shown once.
 */
export class WireRules {
  private metadata = false;
  private stream: { readonly id: number; text: string; answered: boolean } | undefined;
  private readonly lines = new Set<number>();
  private pinged = 0;

  constructor(private readonly session: string) {}

  take(frame: ServerMessage): void {
    const at = `${this.session}: ${describeFrame(frame)}`;
    must((frame.type === 'conversation_initiation_metadata') !== this.metadata, `${at}: metadata comes first, and once`);
    this.metadata = true;
    if (this.stream !== undefined && !this.stream.answered) {
      const own = eventIdOf(frame) === this.stream.id;
      must(own, `${at} inside the stream of #${this.stream.id}`);
    }
    this.judge(frame, at);
  }

  private judge(frame: ServerMessage, at: string): void {
    const { stream } = this;
    switch (frame.type) {
      case 'agent_chat_response_part': {
        const { type, text, event_id } = frame.text_response_part;
        if (type === 'start') {
          must(stream === undefined && !this.lines.has(event_id), `${at} while another is open, or after its line`);
          this.stream = { id: event_id, text: '', answered: false };
        } else if (type === 'delta') {
          must(stream?.id === event_id && !stream.answered, `${at} outside its stream`);
          stream.text += text;
        } else {
          must(stream?.id === event_id && stream.answered, `${at} before its agent_response`);
          this.stream = undefined;
        }
        return;
      }
      case 'agent_response': {
        const { agent_response: text, event_id } = frame.agent_response_event;
        this.line(event_id, at);
        if (stream?.id !== event_id) return;
        must(stream.text === text, `${at} is not what was streamed`);
        stream.answered = true;
        return;
      }
      case 'user_transcript':
        this.line(frame.user_transcription_event.event_id, at);
        return;
      case 'interruption':
        must(stream === undefined && this.lines.has(frame.interruption_event.event_id), `${at} before its line`);
        return;
      case 'ping':
        must(frame.ping_event.event_id > this.pinged, `${at} covers no more than the one before`);
        this.pinged = frame.ping_event.event_id;
        return;
      default:
        return;
    }
  }

  private line(eventId: number, at: string): void {
    must(!this.lines.has(eventId), `${at} a second time`);
    this.lines.add(eventId);
  }
}

function eventIdOf(frame: ServerMessage): number | undefined {
  if (frame.type === 'agent_chat_response_part') return frame.text_response_part.event_id;
  return frame.type === 'agent_response' ? frame.agent_response_event.event_id : undefined;
}
