import type { Answer, AnswerTo, ClientCommand, ConversationId, NamedCommand, SessionId } from '@backchannel/protocol';
import type { ClientSession } from './client-session.js';

/** What a transport learned from a client that wants in, before anything was checked. */
export type JoinRequest = {
  readonly transport: 'websocket';
  readonly agentId: string | undefined;
  /** A signed URL's token: from its query, or from the `bearer.` subprotocol. */
  readonly signature: string | undefined;
  /** From the `xi-api-key` header only. */
  readonly apiKey: string | undefined;
  readonly origin: string | undefined;
  readonly source: string | undefined;
  readonly version: string | undefined;
  readonly history: string | undefined;
  /** The init frame's own fields, as parsed; undefined when none came in time. */
  readonly init: Readonly<Record<string, unknown>> | undefined;
  readonly formats: { readonly input: string; readonly output: string };
};

/** How a client session reaches the conversation that it belongs to. */
export interface ConversationHandle {
  readonly conversationId: ConversationId;
  dispatch<C extends ClientCommand | NamedCommand>(command: C): Promise<AnswerTo<C>>;
  /** To be called 100 ms after the metadata left: reads the owed lines, then shows what waits. */
  ready(sessionId: SessionId): void;
}

/**
 * The use case behind every transport: loads the agent, authorises, creates or joins. `connect` is called at
 * most once, before anything is shown. A refusal carries the code and the sentence that the client is closed with.
 */
export type OpenConversation = (
  request: JoinRequest,
  connect: (handle: ConversationHandle, sessionId: SessionId) => ClientSession,
) => Promise<Answer<{ readonly session: ClientSession; readonly conversationId: ConversationId }>>;
