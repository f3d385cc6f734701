// Why each error comes and what to do about it, for docs/errors.md. The codes, statuses and close codes are the code's own
// (packages/protocol/src/errors.ts); a code without a cause here, or a cause without a code, fails `npm run check`.
//
// Where it is seen: `rest` as an HTTP answer, `frame` as a client_error frame on a socket that stays open. Which of them close a
// socket is the code's own too (packages/protocol/src/closes.ts).

const rest = (cause, fix) => ({ seen: ['rest'], cause, fix });
/** Only as the reason of a close. */
const socket = (cause, fix) => ({ seen: [], cause, fix });
const restOrFrame = (cause, fix) => ({ seen: ['rest', 'frame'], cause, fix });

/** By subject, in the order of the document. */
export const ERROR_CAUSES = {
  'Keys and ways in': {
    missing_api_key: rest('The request has no `xi-api-key` header.', 'Send the key. On loopback it is in `data/api-key`.'),
    invalid_api_key: rest(
      'The key is not known here: a typing error, a line break from a file, or a key of another server.',
      'Read the key again from `data/api-key`; make a further one with `npm run workspace -- NAME`.',
    ),
    api_key_expired: rest(
      'The key was made with an end, or came from `BACKCHANNEL_API_KEY`, which now names another.',
      'Make another key.',
    ),
    api_key_revoked: rest('The key was revoked.', 'Use another key; whoever has one with `admin` can make it.'),
    api_key_not_found: rest('No key of this id, or one of another workspace.', 'List them with `GET /v1/convai/api-keys`.'),
    api_key_shown_once: rest(
      'A key was made under this `Idempotency-Key`, and keys are shown once.',
      'If its answer was lost, revoke `key_id` and make another under a new key.',
    ),
    last_admin_key: rest('Nobody could make keys without this one.', 'Make another key with the scope `admin` first.'),
    too_many_api_keys: rest('The workspace has 1,000 keys that were not revoked.', 'Revoke those that are not used.'),
    invalid_token: rest('The token for one conversation is not known here, or its time is over.', 'Ask again whoever gave it to you.'),
    narrowed_key: rest(
      'The key or token reaches certain agents or one conversation only, and the route asks for more.',
      'Use a key of the whole workspace.',
    ),
    missing_scope: rest(
      'The key is known, but may not do this; a client that brings a key opens a conversation with `messages:write`.',
      'Use a key with the scope that the message names.',
    ),
    authorization_required: socket(
      'A client named a private agent (`enable_auth`) and brought neither a signed URL nor a key.',
      'Let your backend mint a signed URL and start the client with it.',
    ),
    origin_not_allowed: socket(
      'The agent has an allowlist, and the page’s origin (it stands in the reason) is not on it.',
      'Add its `host` or `host:port` to `platform_settings.auth.allowlist`, or use a signed URL.',
    ),
    page_only_local: rest(
      'The page at `/` asked for a conversation of its own, and it is not open on the server’s own machine, or another page asked.',
      'Open `http://127.0.0.1:4600/` where the server runs; from elsewhere send with an API key.',
    ),
    signed_url_used: socket(
      'A signed URL that names a conversation was used a second time.',
      'Mint another with the same `conversation_id`.',
    ),
    signed_url_expired: socket('More than 15 minutes passed between minting and connecting.', 'Mint just before the client starts.'),
    signed_url_invalid: socket(
      'The signature does not fit: the URL was changed or cut, names another agent, or was minted by a server with other data.',
      'Pass `signed_url` on exactly as it came.',
    ),
    attach_not_available: socket(
      'Another client is present in the conversation that the signed URL names.',
      'Close that one first, or mint with `join=resume` to take its place.',
    ),
  },
  'What was not found': {
    agent_not_found: rest(
      'No agent of this id, or not in the workspace of the key or URL.',
      'List agents with `GET /v1/convai/agents`; a new server has `agent_demo` and `agent_private`.',
    ),
    conversation_not_found: rest(
      'No conversation of this id, or it belongs to another workspace, or it was deleted.',
      'Store the id that the server gave (`conversation_id`), and use a key of the same workspace.',
    ),
    message_not_found: rest('The conversation has no message of this id.', 'Use the `message_id` that the send answered.'),
    route_not_found: rest('No such path. Often the base URL has `/v1` twice.', 'Give SDKs the address without a path.'),
    upgrade_required: rest(
      'The socket’s path was asked for without `Upgrade: websocket`: by a proxy that drops the header, as nginx does unless it is told otherwise, or by an HTTP client.',
      'Let the proxy pass `Upgrade` and `Connection` on ([https.md](https.md)); open the URL with a WebSocket client.',
    ),
    method_not_allowed: rest('The path exists with another method.', 'Use one of those in the answer’s `Allow` header.'),
    webrtc_not_enabled: rest(
      'A voice client asked for a WebRTC token, which is the default of some clients.',
      'Start it with `connectionType: "websocket"`.',
    ),
  },
  Messages: {
    conversation_ended: restOrFrame(
      'The conversation is over, or ending; `reason` and `ended_at` say how and when.',
      'Open a new one. A repeated `Idempotency-Key` of a message that was accepted still gets its receipt.',
    ),
    already_applied: rest('The message is in a prompt or on the wire already.', 'Nothing can take it back; send another that corrects it.'),
    condition_not_met: rest(
      'The states in `if` are not those of now; the answer has `agent_state` and `user_state`. Nothing was queued.',
      'Try later, or send without `if`.',
    ),
    no_takeover: { seen: [], cause: 'Kept for takeovers, which do not exist here yet.', fix: 'Send an `agent_message`.' },
    invalid_message_combination: rest(
      'The type has no such urgency or reply, for example a `contextual_update` with `urgency: "immediate"`.',
      'See the tables in [sending-messages.md](sending-messages.md).',
    ),
    text_too_long: restOrFrame('`text` has more than 16,384 bytes of UTF-8.', 'Send it in parts.'),
    idempotency_key_pending: rest(
      'The first request with this key is not stored yet.',
      'Send the same again after `Retry-After`; it stays one message.',
    ),
    idempotency_key_reused: rest('This key was used with another body.', 'Take a new key for each new message.'),
    idempotency_key_invalid: rest(
      'The key is empty, longer than 255 characters, or has others than visible ASCII ones.',
      'Use a UUID, or an id of your own.',
    ),
    too_many_keys: rest('The conversation holds 100,000 keys.', 'Send without a key, or open a new conversation.'),
    too_many_waiting: restOrFrame(
      '100 messages wait in this conversation for their turn.',
      'Wait for some to be applied; send background as one `contextual_update`.',
    ),
    too_many_contexts: restOrFrame(
      'The conversation holds 256 context ids, or 256 KiB of text under them.',
      'Use one of them again with a shorter text, or leave `context_id` out.',
    ),
    rate_limited: rest(
      'More than 100 requests a second for one conversation, or 2,000 for one key; far fewer on routes without a key. On the socket: a client sent faster than it may for 30 seconds.',
      'Wait for `Retry-After`. `BACKCHANNEL_RATE_CONVERSATION` and `BACKCHANNEL_RATE_KEY` raise both, `BACKCHANNEL_RATE_CLIENT` and `BACKCHANNEL_RATE_CLIENT_BYTES` a client’s.',
    ),
    wrong_agent: rest('A signed URL was asked for a conversation of another agent.', 'Give the `agent_id` of that conversation.'),
  },
  'Requests and frames': {
    invalid_request: restOrFrame(
      'A field is missing, unknown, too long or of another kind; `agent.first_message` (16 KiB) or `agent.prompt.prompt` (256 KiB) is too long, with its variables in it; a header or a frame cannot be read (400 when it is not even HTTP).',
      'On REST `detail` lists each field with `loc` and `msg`; on the socket the message names it.',
    ),
    malformed_json: restOrFrame(
      'The text is not JSON, often from quotes that a shell took away.',
      'Send it from a file, or quote it once more.',
    ),
    unsupported_media_type: rest('The body came with another `content-type`.', 'Send `content-type: application/json`.'),
    payload_too_large: rest('The body is above 1 MiB (8 KiB for feedback).', 'Send less at once.'),
    frame_too_long: socket('A frame is above 256 KiB, or above 64 KiB as the first one.', 'Send less at once.'),
    invalid_cursor: rest('The cursor is not one that this server gave.', 'Use `cursor` or `next_cursor` of an answer, or none.'),
    not_supported: restOrFrame(
      'It exists at ElevenLabs and not here, such as files in a message.',
      'The message names what to send instead.',
    ),
    agent_url_refused: rest(
      'The agent’s configuration brings a model URL of its own.',
      'Leave it out; the server’s `BACKCHANNEL_LLM_URL` decides.',
    ),
    override_error: rest(
      'The client overrides a field that the agent does not permit; the reason names it.',
      'Switch it on in `platform_settings.overrides`, or leave it out.',
    ),
    missing_dynamic_variable: rest(
      'The first message or the prompt has a `{{variable}}` without a value.',
      'Give it in `dynamic_variables`, or a placeholder in the agent.',
    ),
  },
  'The server': {
    public_url_missing: rest(
      'The server listens for other machines and does not know its own address, so it hands out none.',
      'Start it with `BACKCHANNEL_PUBLIC_URL=https://your-host` ([https.md](https.md)).',
    ),
    unavailable: restOrFrame(
      'The store cannot be written (disk full, folder gone), or an answer took too long. Possibly stored.',
      'Repeat with the same `Idempotency-Key`; look at `GET /readyz` and the log.',
    ),
    server_stopping: rest('The server is restarting.', 'Come back in a moment, a client by a new signed URL that names its conversation.'),
    internal: rest('Something broke here.', 'Look into the server’s log; on REST its line has the answer’s `request_id`.'),
    superseded: socket(
      'Another client took this conversation over: by `join=resume`, or because this one no longer answered.',
      'Do not reconnect by yourself.',
    ),
    too_slow: socket(
      'More than 1 MiB waited for a client that did not read.',
      'Join again; lines that were not confirmed are shown again.',
    ),
  },
};
