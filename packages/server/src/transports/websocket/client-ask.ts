import type { ClientCommand, ErrorCode, NamedCommand, SessionId } from '@backchannel/protocol';
import { readClientFrame, toCommand } from '@backchannel/protocol/convai';
import type { ClientSession } from '../../conversation/client-session.js';
import { EVENT_POLICY } from './event-policy.js';
import { meantAsInit } from './init-frame.js';

/** What of a frame was not taken, as the client is told it. An ignored init is also kept in `metadata.warnings`. */
export type Complaint = { readonly code: ErrorCode | 'init_ignored'; readonly message: string };
export type Ask = { readonly command?: ClientCommand | NamedCommand; readonly complaint?: Complaint };

const NOTHING: Ask = {};
const complain = (code: Complaint['code'], message: string): Ask => ({ complaint: { code, message } });

/** What a client asks for with one frame after it has joined. What is not known here is ignored, as ElevenLabs' clients expect. */
export function readAsk(data: Buffer, isBinary: boolean, sessionId: SessionId, role: ClientSession['role']): Ask {
  if (isBinary) return complain('invalid_request', 'Send JSON in text frames; binary frames are not taken.');
  const text = data.toString();
  const read = readClientFrame(text);
  if (!read.ok) return complain(meantAsInit(text) ? 'init_ignored' : read.code, read.message);
  const { message } = read;
  if (!EVENT_POLICY[message.type].includes(role)) {
    return complain('not_supported', `${message.type}: Only the user’s own client sends this; a client beside it does not.`);
  }
  const command = toCommand(message, sessionId);
  switch (message.type) {
    case 'conversation_initiation_client_data':
      return complain('init_ignored', `The conversation has begun: ${message.type} counts once, as the first frame.`);
    case 'multimodal_message':
      if (message.file_ids.length === 0) break;
      return {
        ...complain('not_supported', 'multimodal_message: Files are not taken here; send what they say as text.'),
        ...(command && { command }),
      };
    case 'user_message':
      if (command) break;
      return complain('not_supported', 'user_message: Send text; answers to rich content are not taken here.');
  }
  return command ? { command } : NOTHING;
}
