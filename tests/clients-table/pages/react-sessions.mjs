import { callbacks } from '../programs/client-sessions.mjs';

/** One session: its hook's methods stand in `left`, where they can be called. */
function Session({ sdk, useEffect, tell, session, mounted, left }) {
  const told = callbacks(tell, session);
  const hook = sdk.useConversation({
    ...told,
    onConnect: (given) => left.connected(given?.conversationId),
    onError: (message) => {
      told.onError(message);
      left.failed(new Error(String(message)));
    },
    onDisconnect: (details) => {
      told.onDisconnect(details);
      left.failed(new Error(details?.closeReason ?? details?.message ?? 'disconnected'));
    },
  });
  useEffect(() => {
    left.hook = hook;
    mounted();
  });
  return null;
}

/**
 * Sessions of `@elevenlabs/react`: one component each, which leaves its hook's methods where they can be called. From version 1 on the hook
 * needs a provider around it.
 */
export function reactSessions(sdk, { createElement, useEffect }, createRoot, tell, method) {
  const sessions = new Map();

  return {
    async start({ session, ...options }) {
      const left = {};
      const connected = new Promise((resolve, reject) => {
        left.connected = resolve;
        left.failed = reject;
      });
      connected.catch(() => {}); // looked at below, once the session was started
      const element = document.body.appendChild(document.createElement('div'));
      await new Promise((mounted) => {
        const component = createElement(Session, { sdk, useEffect, tell, session, mounted, left });
        createRoot(element).render(sdk.ConversationProvider ? createElement(sdk.ConversationProvider, null, component) : component);
      });
      sessions.set(session, left);
      await left.hook.startSession({ connectionType: 'websocket', textOnly: true, ...options });
      return (await connected) ?? left.hook.getId();
    },
    say: ({ session, text }) => method(sessions.get(session).hook, 'sendUserMessage')(text),
    context: ({ session, text }) => method(sessions.get(session).hook, 'sendContextualUpdate')(text),
    end: ({ session }) => sessions.get(session).hook.endSession(),
    feedback: async ({ id, url }) => {
      await method(sdk, 'postOverallFeedback')(id, true, url);
    },
  };
}
