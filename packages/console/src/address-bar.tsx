import { CopyButton } from './copy-button.js';
import type { LiveConversation, Phase, View } from './live-conversation.js';

const STATES: Readonly<Record<Phase, string>> = { connecting: 'connecting', live: 'live', lost: 'line lost', over: 'ended' };

/** The name of the page and the address of the conversation: its id, how it is, and how to end it or begin anew. */
export function AddressBar({ conversation, view }: { readonly conversation: LiveConversation; readonly view: View }) {
  const { phase, conversationId, notice } = view;
  return (
    <header>
      <div className="bar">
        <h1>
          <Mark />
          Backchannel
        </h1>
        <p className="address">
          <span className={`state ${phase}`} role="status">
            {STATES[phase]}
          </span>
          <code id="conversation-id">{conversationId ?? 'conv_…'}</code>
          {conversationId !== undefined && <CopyButton text={conversationId} what="the conversation’s id" />}
        </p>
        <p className="actions">
          {phase === 'lost' && (
            <button type="button" className="loud" onClick={() => void conversation.comeBack()}>
              Reconnect now
            </button>
          )}
          {phase === 'live' && (
            <button type="button" onClick={() => void conversation.end()}>
              End
            </button>
          )}
          <button type="button" className={phase === 'over' ? 'loud' : ''} onClick={() => void conversation.begin()}>
            New conversation
          </button>
        </p>
      </div>
      <div role="alert" className="notice-place">
        {notice !== undefined && (
          <p className="notice">
            {notice} {phase === 'lost' && 'The page comes back by itself as soon as the server does.'}
            {phase === 'over' && 'Begin a new conversation to go on.'}
          </p>
        )}
      </div>
    </header>
  );
}

/** Two lines of talk, and what comes in from behind. */
function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <path className="talk" d="M5 10h13M5 16h8" />
      <path className="back" d="M27 7v10a5 5 0 0 1-5 5H12m0 0 5-5m-5 5 5 5" />
    </svg>
  );
}
