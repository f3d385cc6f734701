import { type SyntheticEvent, useEffect, useId, useRef, useState } from 'react';
import { CodeTabs } from './code-tabs.js';
import type { LiveConversation, View } from './live-conversation.js';
import { KINDS, kindOf, type OutgoingMessage, URGENCY_WORDS } from './outgoing-message.js';
import { Receipt } from './receipt.js';
import { Refused } from './refused.js';
import { placeOfServer } from './server-place.js';
import type { KeyPlace } from './snippets.js';

const [FIRST] = KINDS;
const FROM_SHELL: KeyPlace = { variable: 'BACKCHANNEL_API_KEY' };

/** The backend's side: one message, sent from here or by the same call from anywhere, and the receipts of all that were sent. */
export function Backend({ conversation, view }: { readonly conversation: LiveConversation; readonly view: View }) {
  const [message, setMessage] = useState<OutgoingMessage>({
    type: FIRST?.type ?? 'agent_message',
    text: FIRST?.sample ?? '',
    urgency: FIRST?.urgencies[0] ?? 'soon',
  });
  const { session, conversationId, receipts, phase } = view;
  return (
    <section className="backend" aria-labelledby="backend-title">
      <h2 id="backend-title">Your backend’s side</h2>
      <p className="lead">Anything that knows the id and has a key can reach this conversation.</p>
      <Composer
        conversation={conversation}
        message={message}
        setMessage={setMessage}
        canSend={session !== undefined && phase !== 'over'}
        live={phase === 'live'}
      />
      {session === undefined && phase !== 'connecting' && (
        <p className="explained">
          Sending needs an API key, and this page is given one only on the server’s own machine. Take your key from there, put it into{' '}
          <code>BACKCHANNEL_API_KEY</code> of a terminal, and paste the call below: the line appears in the chat.
        </p>
      )}
      {conversationId !== undefined && (
        <CodeTabs call={{ origin: placeOfServer(), conversationId, message, key: session?.api_key ?? FROM_SHELL }} />
      )}
      {session !== undefined && (
        <div className="receipts">
          <h3>Receipts</h3>
          {receipts.length === 0 && <p className="empty">Send a message, from here or from a terminal, and watch how far it gets.</p>}
          <ol>
            {receipts.map((receipt) => (
              <Receipt key={receipt.messageId} receipt={receipt} />
            ))}
          </ol>
        </div>
      )}
    </section>
  );
}

type ComposerParts = {
  readonly conversation: LiveConversation;
  readonly message: OutgoingMessage;
  readonly setMessage: (message: OutgoingMessage) => void;
  readonly canSend: boolean;
  readonly live: boolean;
};

function Composer({ conversation, message, setMessage, canSend, live }: ComposerParts) {
  const [problem, setProblem] = useState<string>();
  const [sending, setSending] = useState(false);
  /** One key a message: sent again after a failure it is still one message. */
  const key = useRef<{ readonly of: string; readonly key: string }>({ of: '', key: '' });
  const id = useId();
  const kind = kindOf(message.type);

  // Whatever went wrong while the line was lost is not so any more.
  useEffect(() => {
    if (live) setProblem(undefined);
  }, [live]);

  const choose = (type: string) => {
    const next = kindOf(type);
    if (next === undefined) return;
    const untouched = KINDS.some(({ sample }) => sample === message.text) || message.text === '';
    setMessage({ type: next.type, text: untouched ? next.sample : message.text, urgency: next.urgencies[0] ?? 'soon' });
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (sending || !canSend) return;
    const wanted = JSON.stringify(message);
    if (key.current.of !== wanted) key.current = { of: wanted, key: crypto.randomUUID() };
    setSending(true);
    conversation
      .send(message, key.current.key)
      .then(
        () => {
          key.current = { of: '', key: '' };
          setProblem(undefined);
        },
        (error: unknown) => setProblem(error instanceof Refused ? error.message : String(error)),
      )
      .finally(() => setSending(false));
  };
  return (
    <form className="composer" onSubmit={submit}>
      <fieldset className="kinds">
        <legend className="unseen">Type of the message</legend>
        {KINDS.map(({ type, name, what }) => (
          <label key={type} className="kind" title={what}>
            <input type="radio" name="type" value={type} checked={type === message.type} onChange={() => choose(type)} />
            <span className="name">{name}</span>
            <code>{type}</code>
          </label>
        ))}
      </fieldset>
      <p className="what" id={`${id}-what`}>
        {kind?.what}
      </p>
      <label className="unseen" htmlFor={`${id}-text`}>
        Text of the message
      </label>
      <textarea
        id={`${id}-text`}
        rows={2}
        value={message.text}
        aria-describedby={`${id}-what`}
        onChange={(event) => setMessage({ ...message, text: event.target.value })}
      />
      <div className="sending">
        <label htmlFor={`${id}-urgency`}>
          Urgency{' '}
          <select
            id={`${id}-urgency`}
            value={message.urgency}
            onChange={(event) => setMessage({ ...message, urgency: kind?.urgencies.find((one) => one === event.target.value) ?? 'soon' })}
          >
            {kind?.urgencies.map((urgency) => (
              <option key={urgency} value={urgency}>
                {urgency}
              </option>
            ))}
          </select>
        </label>
        <span className="what">{URGENCY_WORDS[message.urgency]}</span>
        <button type="submit" className="loud" disabled={!canSend || sending || message.text === ''}>
          Send
        </button>
      </div>
      <p role="alert" className="problem">
        {problem}
      </p>
    </form>
  );
}
