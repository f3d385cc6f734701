/**
 * Identifiers: a prefix, then characters of `[A-Za-z0-9]` only, because the official client finds a
 * conversation id with `/(conv_[a-zA-Z0-9]+)/` in longer names. An id is never a credential.
 */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 22; // log2(62^22) = 130.99 bits
const SEQ_LENGTH = 6; // 62^6 = 56,800,235,584 entries a conversation

export type ConversationId = string;
export type AgentId = string;
export type MessageId = string;
export type TurnId = string;
export type SessionId = string;
export type WorkspaceId = string;

export const CONVERSATION_ID = /^conv_[A-Za-z0-9]{1,64}$/;
export const AGENT_ID = /^agent_[A-Za-z0-9]{1,64}$/;
export const MESSAGE_ID = /^msg_[A-Za-z0-9]{28}$/;

let pool = new Uint8Array(0);
let used = 0;

/** Next uniform digit of base 62: bytes above 247 would favour the first digits, so they are skipped. */
function digit(): string {
  for (;;) {
    if (used === pool.length) {
      pool = crypto.getRandomValues(new Uint8Array(4096));
      used = 0;
    }
    const byte = pool[used++] as number;
    if (byte < 248) return ALPHABET[byte % 62] as string;
  }
}

/** 22 random characters: at least 130 bits. */
export function randomPart(): string {
  let text = '';
  for (let i = 0; i < RANDOM_LENGTH; i++) text += digit();
  return text;
}

export const newConversationId = (): ConversationId => `conv_${randomPart()}`;
export const newAgentId = (): AgentId => `agent_${randomPart()}`;
export const newSessionId = (): SessionId => `sess_${randomPart()}`;
export const newWorkspaceId = (): WorkspaceId => `ws_${randomPart()}`;

/** A message id ends in its seq, so that whoever holds it can read the log from there without a table. */
export function messageId(random: string, seq: number): MessageId {
  let rest = seq;
  let digits = '';
  for (let i = 0; i < SEQ_LENGTH; i++) {
    digits = ALPHABET[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return `msg_${random}${digits}`;
}

/** The seq of `message.accepted` that a message id names, or `undefined` when it is not a message id. */
export function seqOfMessageId(id: string): number | undefined {
  if (!MESSAGE_ID.test(id)) return undefined;
  let seq = 0;
  for (const char of id.slice(-SEQ_LENGTH)) seq = seq * 62 + ALPHABET.indexOf(char);
  return seq;
}
