import { type RestCalls, restOfJs, restOfPython } from './rest-calls.js';

/** Where a client is to go; a private agent's or a minted conversation's URL, else empty. */
export type Where = { readonly agentId: string; readonly signedUrl: string; readonly origin: string };
/** What a client's `start` is given to go there. */
export type Way = (where: Where) => object;

export type Client = {
  /** The name by which `--only` takes it. */
  readonly name: string;
  readonly title: string;
  readonly package: string;
  readonly registry: 'npm' | 'pypi';
  /** What runs it; see `remotes.ts`. */
  readonly runs: 'client-in-node' | 'client-in-page' | 'react-in-page' | 'elevenlabs-js' | 'python';
  /** Versions besides the tested and the newest: the last of some minors. */
  readonly older: readonly string[];
  /** A text is the reason why there is no such way. */
  readonly ways: { readonly public: Way | string; readonly private: Way | string; readonly minted: Way | string };
  /** By which word in which file of the installed package a callback for streamed text is known. */
  readonly stream: { readonly below: string; readonly word: string };
  readonly rest?: RestCalls;
  /** What a version cannot do by a fault of its own that shows in no interface; not tried. */
  readonly faults?: readonly { readonly version: string; readonly capability: string; readonly why: string }[];
};

const bySignedUrl: Way = ({ signedUrl }) => ({ signedUrl });
const byAgentId: Way = ({ agentId, origin }) => ({ agentId, origin });

const CLIENT = {
  package: '@elevenlabs/client',
  registry: 'npm',
  ways: { public: byAgentId, private: bySignedUrl, minted: bySignedUrl },
  stream: { below: 'dist', word: 'onAgentChatResponsePart' },
} as const;

/** The rows of the table, in order. */
export const CLIENTS: readonly Client[] = [
  // Those of the beginning ask for `navigator`, which Node 20 has not.
  { ...CLIENT, name: 'client', title: '`@elevenlabs/client` in Node', runs: 'client-in-node', older: ['1.8.1', '1.15.2'] },
  {
    ...CLIENT,
    name: 'chromium',
    title: '`@elevenlabs/client` in Chromium',
    runs: 'client-in-page',
    older: ['0.15.2', '1.0.0', '1.8.1', '1.15.2'],
  },
  {
    name: 'react',
    title: '`@elevenlabs/react` in Chromium',
    package: '@elevenlabs/react',
    registry: 'npm',
    runs: 'react-in-page',
    older: ['0.15.0', '1.0.3', '1.6.7'],
    faults: [{ version: '1.0.3', capability: 'refusal', why: 'this version swallows the error of a start that fails' }],
    ways: {
      public: 'it always overwrites `origin` with an address of ElevenLabs; a signed URL works for a public agent too',
      private: bySignedUrl,
      minted: bySignedUrl,
    },
    stream: { below: 'dist', word: 'onAgentChatResponsePart' },
  },
  {
    name: 'elevenlabs-js',
    title: '`elevenlabs-js`',
    package: '@elevenlabs/elevenlabs-js',
    registry: 'npm',
    runs: 'elevenlabs-js',
    older: ['2.30.0', '2.60.0'],
    ways: {
      public: 'without a signed URL its session goes to a fixed address; `requiresAuth: true` works for a public agent too',
      private: ({ agentId }) => ({ agentId }),
      minted: ({ agentId, signedUrl }) => ({ agentId, signedUrl }),
    },
    stream: { below: 'api/resources/conversationalAi/conversation', word: 'callbackMessageReceived' },
    rest: restOfJs,
  },
  {
    name: 'python',
    title: '`elevenlabs` (Python)',
    package: 'elevenlabs',
    registry: 'pypi',
    runs: 'python',
    older: ['2.27.0', '2.45.0', '2.59.0'],
    ways: {
      public: ({ agentId }) => ({ agent_id: agentId }),
      private: ({ agentId }) => ({ agent_id: agentId, requires_auth: true }),
      minted: ({ agentId, signedUrl }) => ({ agent_id: agentId, on_prem_url: signedUrl }),
    },
    stream: { below: 'conversational_ai', word: 'callback_agent_chat_response_part' },
    rest: restOfPython,
  },
];
