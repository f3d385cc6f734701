import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import { isObject, parseJson } from '../parse.js';
import { CLIENT_MESSAGES, type ClientMessage } from './client-message.js';
import { findUnfit, longerThan, TEXT_BYTES } from './limits.js';
import { nounOf, problemsOf, unfitSentence } from './problems.js';

export type ClientFrame =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

const EXAMPLES: Readonly<Record<string, string>> = {
  user_message: ' (for example {"type":"user_message","text":"Hello"})',
  contextual_update: ' (for example {"type":"contextual_update","text":"The cart has 3 items"})',
  pong: ' (for example {"type":"pong","event_id":1})',
  feedback: ' (for example {"type":"feedback","event_id":1,"score":"like"})',
};

const bad = (message: string, code: ErrorCode = 'invalid_request'): ClientFrame => ({ ok: false, code, message });

/**
 * Reads one text frame of a client. Never throws: what is not as it should be comes back with the field,
 * what is expected and what to do. Audio is known by its key and only checked to be a string.
 */
export function readClientFrame(text: string): ClientFrame {
  const parsed = parseJson(text);
  if (!parsed.ok) return bad(`Send one JSON object a frame; this one cannot be read: ${parsed.reason}.`, 'malformed_json');
  const frame = parsed.value;
  if (!isObject(frame)) return bad(`Send one JSON object with a type a frame, not ${nounOf(frame)}.`);

  const audio = frame.user_audio_chunk;
  const name = frame.type;
  if (audio !== undefined && (name === undefined || name === 'user_audio_chunk')) {
    if (typeof audio !== 'string') return bad(`Send user_audio_chunk as a base64 string, not ${nounOf(audio)}.`);
    return { ok: true, message: { type: 'user_audio_chunk', user_audio_chunk: audio } };
  }
  if (typeof name !== 'string')
    return bad(name === undefined ? 'Add type: a string that names the event.' : `Send type as a string, not ${nounOf(name)}.`);

  const unfit = findUnfit(frame);
  if (unfit) return bad(`${name}: ${unfitSentence(unfit)}`);
  if (!Object.hasOwn(CLIENT_MESSAGES, name)) return { ok: true, message: { type: 'unknown', name, frame } };

  const schema: z.ZodType<ClientMessage> = CLIENT_MESSAGES[name as keyof typeof CLIENT_MESSAGES]; // hasOwn above
  const read = schema.safeParse(frame);
  if (!read.success) {
    const [first, ...others] = problemsOf(read.error, frame);
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    return bad(`${name}: ${first?.msg ?? 'not valid.'}${more}${EXAMPLES[name] ?? ''}`);
  }
  const said = 'text' in read.data ? read.data.text : undefined;
  if (typeof said === 'string' && longerThan(said, TEXT_BYTES)) {
    return bad(`${name}: Send text in parts of at most ${TEXT_BYTES} bytes of UTF-8.`, 'text_too_long');
  }
  return { ok: true, message: read.data };
}
