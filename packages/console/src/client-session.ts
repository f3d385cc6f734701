import type { DisconnectionDetails, TextConversation } from '@elevenlabs/client';
import type { Part, Said } from './chat-lines.js';
import { Refused } from './refused.js';

/** How to come in: by the URL that a page on this machine is given, or as anybody comes to the public agent. */
export type Door = { readonly signedUrl: string } | { readonly origin: string; readonly agentId: string };

export type Heard = {
  readonly onMessage: (said: Said) => void;
  readonly onAgentChatResponsePart: (part: Part) => void;
  readonly onInterruption: (interruption: { readonly event_id: number }) => void;
  readonly onError: (message: string) => void;
  readonly onDisconnect: (details: DisconnectionDetails) => void;
};

/**
 * Starts a text session with the official client, as it comes from npm. It is fetched apart from the page, which is there sooner.
 * Rejects with `Refused`: with the server's own code and words where it gave any.
 */
export async function startClientSession(door: Door, heard: Heard): Promise<TextConversation> {
  const { Conversation, SessionConnectionError } = await import('@elevenlabs/client');
  try {
    return await Conversation.startSession({ ...door, ...heard, connectionType: 'websocket', textOnly: true });
  } catch (error) {
    const reason = error instanceof SessionConnectionError ? error.closeReason : undefined;
    throw reason === undefined ? new Refused('unreachable', 'The line could not be opened.') : refusalOf(reason);
  }
}

/** Close reasons of the server begin with the error's name. */
export function refusalOf(reason: string): Refused {
  const [, code = 'refused', message = reason] = /^(\w+): (.*)$/.exec(reason) ?? [];
  return new Refused(code, message);
}
