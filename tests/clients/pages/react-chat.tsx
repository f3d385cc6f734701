import { ConversationProvider, useConversation } from '@elevenlabs/react';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

// The page of somebody's site: the official React package from npm, and nothing of ours. A test uses it as a person does.

/** What the form's field of that name holds. */
const field = (form: FormData, name: string): string => String(form.get(name) ?? '');

function Chat() {
  const [connectedAs, setConnectedAs] = useState('');
  const [lines, setLines] = useState<readonly { readonly place: number; readonly text: string }[]>([]);
  const [left, setLeft] = useState('');
  const { status, message, startSession, endSession, sendUserMessage, sendContextualUpdate, sendFeedback, canSendFeedback } =
    useConversation({
      onConnect: ({ conversationId }) => setConnectedAs(conversationId),
      onMessage: ({ role, message }) => setLines((before) => [...before, { place: before.length, text: `${role}: ${message}` }]),
      onDisconnect: (details) => setLeft(JSON.stringify(details)),
    });
  return (
    <main>
      <p id="status">{status}</p>
      <p id="problem">{message}</p>
      <p id="id">{connectedAs}</p>
      <p id="left">{left}</p>
      <form action={(form) => startSession({ signedUrl: field(form, 'url'), textOnly: true })}>
        <input name="url" aria-label="Signed URL" />
        <button type="submit">Connect</button>
      </form>
      <form action={(form) => sendUserMessage(field(form, 'text'))}>
        <textarea name="text" aria-label="Message" />
        <button type="submit">Send</button>
      </form>
      <button type="button" onClick={() => sendContextualUpdate('The user looks at the parcel page.')}>
        Look
      </button>
      <button type="button" disabled={!canSendFeedback} onClick={() => sendFeedback(true)}>
        Like
      </button>
      <button type="button" onClick={() => endSession()}>
        End
      </button>
      <ol>
        {lines.map(({ place, text }) => (
          <li key={place}>{text}</li>
        ))}
      </ol>
    </main>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(
  <StrictMode>
    <ConversationProvider>
      <Chat />
    </ConversationProvider>
  </StrictMode>,
);
