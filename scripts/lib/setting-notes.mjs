// When somebody changes a setting, and what each fixed limit bounds, for docs/settings.md. Names, meanings and defaults of settings
// are the code's own (packages/server/src/environment.ts), so are the limits' values (config.ts, whose names end in their unit).
// A setting or limit without a sentence here, or a sentence without one, fails `npm run check`.

/** Settings by subject, in the order of the document. */
export const SETTING_NOTES = {
  'Where it listens and is reached': {
    HOST: '`0.0.0.0` in a container, or when the proxy is on another machine. Then set `BACKCHANNEL_PUBLIC_URL` too.',
    PORT: 'When 4600 is taken.',
    BACKCHANNEL_PUBLIC_URL: 'Behind a proxy, and whenever `HOST` is not loopback ([https.md](https.md)). A path is kept.',
    BACKCHANNEL_CORS_ORIGINS:
      'When a page on another host calls REST with a key. Pages on loopback always may; clients with a signed URL need none.',
  },
  'Data and keys': {
    BACKCHANNEL_DATA: 'To keep the data on a disk of its own ([self-hosting.md](self-hosting.md)). One process a folder.',
    BACKCHANNEL_API_KEY:
      'When a secret store gives the key; `openssl rand -hex 32` makes one. It is one while the setting names it; other keys stay valid ([access.md](access.md)).',
    BACKCHANNEL_SYNC: '`normal` where losing the last moments in a power cut is fine. A crash of the process loses nothing either way.',
  },
  'The language model': {
    BACKCHANNEL_LLM_URL: 'To use a model instead of the built-in rules.',
    BACKCHANNEL_LLM_KEY: 'When that endpoint wants one.',
    BACKCHANNEL_LLM_MODEL: 'To say which of its models answers.',
    OPENAI_API_KEY: 'To use OpenAI without further settings.',
    BACKCHANNEL_LLM_FIRST_TOKEN_SECS: 'Higher for a model that loads slowly or thinks before it speaks.',
    BACKCHANNEL_LLM_BETWEEN_TOKENS_SECS: 'Higher for a slow machine.',
    BACKCHANNEL_LLM_PROMPT: '`loose` when your endpoint takes roles in any order; the prompt is a little shorter then.',
    BACKCHANNEL_APOLOGY: 'To apologise in your users’ language.',
    BACKCHANNEL_BRAIN: 'To give the built-in brain other rules, for tests and demonstrations.',
  },
  'Clients and rates': {
    BACKCHANNEL_RESUME_SECS: 'Higher for users on trains; lower when a lost conversation should end soon.',
    BACKCHANNEL_RATE_CONVERSATION: 'When one conversation gets bursts.',
    BACKCHANNEL_RATE_KEY: 'When one backend serves very many conversations.',
    BACKCHANNEL_RATE_CLIENT: 'When a client of yours sends more, other than audio. What is more is read later and not lost.',
    BACKCHANNEL_RATE_CLIENT_BYTES: 'When a client of yours sends more, audio included.',
    BACKCHANNEL_RATE_LIMIT: '`off` for load tests only; the start warns.',
    BACKCHANNEL_MAX_CONNECTIONS: 'To the memory that there is: an unknown peer takes up to 64 KiB. The log says when it was reached.',
  },
  'The log': {
    BACKCHANNEL_LOG_LEVEL: '`debug` when a model fails: what it said about it is logged then. Lines are JSON on standard error.',
  },
};

/** Limits by subject. */
export const LIMIT_NOTES = {
  'What comes in': {
    maxBodyBytes: 'a request’s body',
    maxFrameBytes: 'a WebSocket message',
    maxInitFrameBytes: 'the first WebSocket message',
    maxFragments: 'fragments of one WebSocket message',
    maxBufferedChunks: 'chunks of one frame',
    maxEarlyChunks: 'chunks of the first one',
    maxEarlyBytes: 'frames kept while a client is let in; then it is not read until it is',
    maxUnanswered: 'commands of one client that wait for their answers; then it is not read until some came',
    openPerSec: 'requests a second on routes without a key, of all senders together',
    openPerConversation: 'the same about one conversation',
    requestHeadMs: 'for the head of a request to arrive',
    requestMs: 'for the whole of it',
    httpCheckMs: 'both are looked at every',
    keepAliveMs: 'an unused connection is kept for',
    stalledMs: 'a connection on which nothing moves is cut after',
    goodbyeMs: 'for a peer to take the answer to what could not be read',
    maxConnections: 'connections at a time (`BACKCHANNEL_MAX_CONNECTIONS`)',
    clientFramesPerSec: 'frames a second of one client; twice as many at once (`BACKCHANNEL_RATE_CLIENT`)',
    clientBytesPerSec: 'bytes a second of one client; 16 times as many at once (`BACKCHANNEL_RATE_CLIENT_BYTES`)',
    maxBehindMs: 'a client whose frames have to wait longer for that is closed',
    pagesPerSec: 'conversations a second that the page at `/` may begin',
  },
  'A conversation': {
    signedUrlMs: 'a signed URL starts within',
    resumeMs: 'a lost client may come back within (`BACKCHANNEL_RESUME_SECS`)',
    idleMs: 'a conversation that a backend opened ends after its last message',
    maxWaiting: 'messages that wait for their turn',
    maxKeys: 'idempotency keys',
    maxContexts: 'context ids',
    maxContextBytes: 'the texts of all of them together',
    maxReplyBytes: 'one reply; it ends there',
    windowBytes: 'the conversation’s own texts in a prompt; keyed context and the last turns always stay',
    keysAfterEndMs: 'a key is replayed after the end for',
    tokenMs: 'a page may use its token for one conversation for',
    feedbackAfterEndMs: 'feedback is taken after the end for',
  },
  Clients: {
    initWaitMs: 'for the first frame; then the agent’s defaults hold',
    metadataAloneMs: 'nothing follows the metadata for (official clients on Node lose frames of the same packet)',
    metadataReadMs: 'and longer for a client that has not read it, up to',
    silentPingMs: 'a silent socket is pinged after',
    silentLostMs: 'and counts as lost after',
    presentCheckMs: 'a client that is present has to answer when another wants its place',
    sweepMs: 'sockets are looked over every',
    closeWaitMs: 'for a peer to answer a close frame',
    maxUnsentBytes: 'what may wait for a client that reads slowly, before it is closed',
  },
  Turns: {
    typingMs: 'typing counts after its last sign for',
    maxTypingMs: 'and in one go for at most',
    confirmMs: 'a line that a present client did not confirm counts as written after',
    farewellMs: 'for the client to confirm the last line at an end',
    firstTokenMs: 'a model’s first token (`BACKCHANNEL_LLM_FIRST_TOKEN_SECS`)',
    betweenTokensMs: 'between its tokens (`BACKCHANNEL_LLM_BETWEEN_TOKENS_SECS`)',
  },
  'The server': {
    mostHeld: 'tokens for one conversation, of all pages together',
    acknowledgeMs: 'a request that is not acknowledged is answered 503 after',
    replayPendingMs: 'a repeated request waits for the first one for',
    drainMs: 'replies may finish at a stop within',
    probeEveryMs: 'a store that cannot be written is tried again every',
  },
};
