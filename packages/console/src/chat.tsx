import { type SyntheticEvent, useEffect, useRef, useState } from 'react';
import type { Line } from './chat-lines.js';
import type { LiveConversation, View } from './live-conversation.js';

/** The user's side: the conversation as it is said, and a line to say something. */
export function Chat({ conversation, view }: { readonly conversation: LiveConversation; readonly view: View }) {
  const [text, setText] = useState('');
  const log = useRef<HTMLDivElement>(null);
  const { lines, phase } = view;
  useEffect(() => {
    if (log.current !== null && lines.length > 0) log.current.scrollTop = log.current.scrollHeight;
  }, [lines]);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    conversation.say(text);
    setText('');
  };
  return (
    <section className="chat" aria-labelledby="chat-title">
      <h2 id="chat-title">Your user’s side</h2>
      <p className="lead">Talk with the demo agent through the official ElevenLabs client.</p>
      <div className="lines" role="log" aria-label="Conversation" ref={log}>
        {lines.map((line) => (
          <ChatLine key={line.key} line={line} sayAgain={phase === 'live' ? () => conversation.sayAgain(line) : undefined} />
        ))}
        {lines.length === 0 && <p className="empty">{phase === 'connecting' ? 'Connecting …' : 'Nothing was said yet.'}</p>}
      </div>
      <form className="say" onSubmit={submit}>
        <label className="unseen" htmlFor="say">
          Say something
        </label>
        <input
          id="say"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Say something"
          autoComplete="off"
          maxLength={8_000}
        />
        <button type="submit" disabled={phase !== 'live'}>
          Say
        </button>
      </form>
    </section>
  );
}

/** `sayAgain` is undefined while nothing can be said. */
function ChatLine({ line, sayAgain }: { readonly line: Line; readonly sayAgain: (() => void) | undefined }) {
  const { role, by, text, growing, interrupted, lost } = line;
  const who = role === 'note' ? undefined : by === 'page' ? 'you' : role === 'agent' ? 'agent' : 'user';
  return (
    <div className={`line ${role} from-${by}${lost ? ' lost' : ''}`}>
      <p className="who">
        {who}
        {by === 'backend' && <span className="tag">{who === undefined ? '' : ' · '}from the backend</span>}
        {interrupted && <span className="tag"> · interrupted</span>}
        {lost && <span className="tag"> · not sent</span>}
      </p>
      <p className="text">
        {text}
        {growing && <span className="caret" aria-hidden="true" />}
      </p>
      {lost && (
        <button type="button" className="again" disabled={sayAgain === undefined} onClick={sayAgain}>
          Send again
        </button>
      )}
    </div>
  );
}
