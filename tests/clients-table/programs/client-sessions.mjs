/** What the callbacks of `@elevenlabs/client` tell, in words that all clients of the table share. */
export const callbacks = (tell, session) => ({
  onMessage: ({ source, message }) => tell({ event: source === 'user' ? 'user_transcript' : 'agent_response', session, text: message }),
  onAgentChatResponsePart: ({ text, type }) => tell({ event: 'part', session, text, kind: type }),
  onInterruption: () => tell({ event: 'interrupted', session }),
  onError: (message) => tell({ event: 'error', session, text: String(message) }),
  onDisconnect: (details) => tell({ event: 'disconnected', session, details: { reason: details?.reason, text: details?.closeReason } }),
});

/** Sessions of `@elevenlabs/client`, in Node and in a page. */
export function clientSessions(sdk, tell, method) {
  const sessions = new Map();
  return {
    async start({ session, ...options }) {
      const given = { connectionType: 'websocket', textOnly: true, ...options, ...callbacks(tell, session) };
      const conversation = await sdk.Conversation.startSession(given);
      sessions.set(session, conversation);
      return conversation.getId();
    },
    say: ({ session, text }) => method(sessions.get(session), 'sendUserMessage')(text),
    context: ({ session, text }) => method(sessions.get(session), 'sendContextualUpdate')(text),
    end: ({ session }) => sessions.get(session).endSession(),
    feedback: async ({ id, url }) => {
      await method(sdk, 'postOverallFeedback')(id, true, url);
    },
  };
}
