/** Every limit and default of the server, named, with its unit. Environment variables begin with BACKCHANNEL_. */
export const LIMITS = {
  /** Until a client must have sent its init frame; then the agent's defaults hold. */
  initWaitMs: 5_000,
  /** Official clients on Node lose frames that arrive in the packet of the metadata (measured: 5 ms lose 1 in 40). */
  metadataAloneMs: 100,
  /** A client that stands still longer than that would lose them all the same: so long is waited for a sign that it has read. */
  metadataReadMs: 1_000,
  maxFrameBytes: 262_144,
  maxInitFrameBytes: 65_536,
  signedUrlMs: 15 * 60_000,
  resumeMs: 30_000,
  idleMs: 24 * 3_600_000,
  silentPingMs: 5_000,
  silentLostMs: 10_000,
  /** How often the sockets of a node are looked over. */
  sweepMs: 250,
  /** Parts of one WebSocket message, and chunks of one frame: tiny ones cost 16 times what they carry. */
  maxFragments: 256,
  maxBufferedChunks: 1_024,
  /** The same before the init: a peer that nobody knows yet may not hold more than 64 KiB of memory. */
  maxEarlyChunks: 256,
  /** Frames that are kept while a join is being decided; then the client is not read until it is. */
  maxEarlyBytes: 262_144,
  /** What one client may send in the long run, and how many connections there may be at a time, unless the environment says otherwise. */
  clientFramesPerSec: 30,
  clientBytesPerSec: 65_536,
  maxConnections: 10_000,
  /** A client whose frames would have to wait longer than that for its rate is closed. */
  maxBehindMs: 30_000,
  /** Commands of one client that wait for their answers; then the client is not read until some came. */
  maxUnanswered: 64,
  /** How long a peer may take to answer a close frame. */
  closeWaitMs: 5_000,
  presentCheckMs: 2_000,
  maxWaiting: 100,
  maxKeys: 100_000,
  maxContexts: 256,
  /** Of all keyed contexts together, since each prompt holds them all. */
  maxContextBytes: 262_144,
  maxReplyBytes: 65_536,
  typingMs: 2_000,
  maxTypingMs: 30_000,
  confirmMs: 10_000,
  farewellMs: 1_000,
  firstTokenMs: 20_000,
  betweenTokensMs: 10_000,
  /** Of the conversation's own texts in a prompt; keyed context and the last turns stay even above it. */
  windowBytes: 131_072,
  acknowledgeMs: 10_000,
  replayPendingMs: 2_000,
  /** How long an ended conversation still replays a known idempotency key, and takes feedback. */
  keysAfterEndMs: 24 * 3_600_000,
  feedbackAfterEndMs: 3_600_000,
  drainMs: 10_000,
  /** How often a store that cannot be written is tried again. */
  probeEveryMs: 1_000,
  /** How long a page may use its token for one conversation, and how many such tokens are held. */
  tokenMs: 4 * 3_600_000,
  mostHeld: 10_000,
  maxBodyBytes: 1_048_576,
  /** For the head of an HTTP request to arrive, and for the whole of it; looked at every `httpCheckMs`. */
  requestHeadMs: 10_000,
  requestMs: 30_000,
  httpCheckMs: 2_000,
  /** Of an unused connection: longer than any client's idle time (60 s at most proxies). */
  keepAliveMs: 72_000,
  /** Without a byte in either direction, longer than any wait: whoever asks and never reads the answer. */
  stalledMs: 120_000,
  /** For a peer to take the answer to what it sent wrong. */
  goodbyeMs: 1_000,
  /** Requests a second without a key: of all senders together, and about one conversation. */
  openPerSec: 500,
  openPerConversation: 5,
  /** Conversations a second that the page may ask for. */
  pagesPerSec: 5,
  /** Bytes that may wait for a slow client before its session is closed. */
  maxUnsentBytes: 1_048_576,
} as const;
