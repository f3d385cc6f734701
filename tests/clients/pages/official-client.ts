import { Conversation, type PartialOptions, postOverallFeedback, SessionConnectionError } from '@elevenlabs/client';

// The page of somebody's site: the official client from npm, and nothing of ours. Tests call `official`, and hear callbacks by `tell`.

declare global {
  /** Given by the test before the page loads. */
  function tell(callback: string, value: unknown): Promise<void>;
}

const CALLBACKS = [
  'onConnect',
  'onMessage',
  'onAgentChatResponsePart',
  'onIncomingEvent',
  'onInterruption',
  'onError',
  'onDisconnect',
  'onStatusChange',
] as const;

const told = Object.fromEntries(
  // Only what survives being sent: an Event among the details would arrive as {}.
  CALLBACKS.map((name) => [name, (value: unknown) => void tell(name, JSON.parse(JSON.stringify(value ?? null)))]),
);

type Refusal = { readonly code?: number | undefined; readonly reason?: string | undefined; readonly message: string };

let conversation: Awaited<ReturnType<typeof Conversation.startSession>> | undefined;

const session = () => {
  if (conversation === undefined) throw new Error('the session did not start');
  return conversation;
};

const official = {
  /** The id of the conversation; a refusal as the app gets it. */
  async start(options: PartialOptions): Promise<{ readonly id: string } | { readonly refused: Refusal }> {
    try {
      conversation = await Conversation.startSession({ ...told, ...options });
      return { id: conversation.getId() };
    } catch (error) {
      if (error instanceof SessionConnectionError)
        return { refused: { code: error.closeCode, reason: error.closeReason, message: error.message } };
      return { refused: { message: String(error) } };
    }
  },
  say: (text: string) => session().sendUserMessage(text),
  update: (text: string) => session().sendContextualUpdate(text),
  end: () => session().endSession(),
  isOpen: () => session().isOpen(),
  feedback: async (id: string, feedback: Parameters<typeof postOverallFeedback>[1], origin: string) =>
    (await postOverallFeedback(id, feedback, origin)).status,
};

export type Official = typeof official;

Object.assign(globalThis, { official });
