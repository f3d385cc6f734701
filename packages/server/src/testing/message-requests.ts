import { MESSAGE_RULES, type MessageRequest, type MessageType } from '@backchannel/protocol';

/** A request as the API would fill it in: the type's defaults, unless a test says otherwise. */
export function messageRequest(type: MessageType, more: Partial<Omit<MessageRequest, 'type'>> = {}): MessageRequest {
  const { urgencies, replies } = MESSAGE_RULES[type];
  const urgency = more.urgency ?? urgencies[0] ?? 'soon';
  const reply = urgency === 'later' ? 'none' : (replies[0] ?? 'none');
  return { type, text: `a ${type}`, urgency, reply, ...more };
}
