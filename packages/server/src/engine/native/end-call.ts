import { cutUtf8 } from '@backchannel/protocol';
import type { ModelPart, ModelTool } from '../../providers/language-model.js';
import { wellFormed } from './pieces.js';

export type EndCall = { readonly tool_call_id: string; readonly reason: string; readonly message?: string };
type ToolCall = Extract<ModelPart, { type: 'tool_call' }>;

/** ElevenLabs' system tool, with the arguments that it shows to a model. */
export const END_CALL: ModelTool = {
  name: 'end_call',
  description:
    'Ends the conversation. Use it when the user wants to stop, or when there is nothing left to do. Say goodbye in the message.',
  parameters: {
    type: 'object',
    properties: {
      reason: { type: 'string', description: 'Why the conversation ends.' },
      message: { type: 'string', description: 'The last words to the user, if nothing was said yet.' },
    },
    required: ['reason'],
  },
};

/** A model's call as the conversation takes it. Arguments come from outside: what is no text is left out. */
export function readEndCall(call: ToolCall, fallbackId: string): EndCall {
  const { reason, message } = call.arguments;
  return {
    tool_call_id: call.id === '' ? fallbackId : call.id,
    reason: typeof reason === 'string' && reason !== '' ? cutUtf8(wellFormed(reason), 1_000) : 'The agent ended the conversation.',
    ...(typeof message === 'string' && message.trim() !== '' ? { message: cutUtf8(wellFormed(message.trim()), 4_000) } : {}),
  };
}
