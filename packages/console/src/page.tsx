import { useSyncExternalStore } from 'react';
import { AddressBar } from './address-bar.js';
import { Backend } from './backend.js';
import { Chat } from './chat.js';
import type { LiveConversation } from './live-conversation.js';

/** The whole page: whom you talk with on one side, what your backend can do about it on the other. */
export function Page({ conversation }: { readonly conversation: LiveConversation }) {
  const view = useSyncExternalStore(conversation.subscribe, () => conversation.view);
  return (
    <>
      <AddressBar conversation={conversation} view={view} />
      <main>
        <Chat conversation={conversation} view={view} />
        <Backend key={view.conversationId ?? 'none'} conversation={conversation} view={view} />
      </main>
      <footer>
        <a href="docs" target="_blank" rel="noopener">
          API reference
        </a>
        <a href="openapi.json" target="_blank" rel="noopener">
          OpenAPI
        </a>
        <a href="asyncapi.json" target="_blank" rel="noopener">
          AsyncAPI
        </a>
      </footer>
    </>
  );
}
