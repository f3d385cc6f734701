/**
 * The tables. `log` has a plain row number as its key and a unique index beside it: a table clustered on
 * (conversation, seq) costs more than twice as much an append. One row is one append, `events` its JSON array.
 * Row numbers of conversations and agents are the order of lists and are never given twice (AUTOINCREMENT); the
 * writer alone keeps references whole, so none are declared. Times are milliseconds since 1970.
 */
export const FIRST_SCHEMA = `
CREATE TABLE log (
  k INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  events TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX log_place ON log (conversation, first_seq);

CREATE TABLE conversations (
  k INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  agent_hash TEXT NOT NULL,
  begun TEXT NOT NULL,
  status TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  user_id TEXT,
  user_id_verified INTEGER NOT NULL,
  app_metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  opened_at INTEGER,
  ended_at INTEGER,
  end_reason TEXT,
  end_status TEXT
) STRICT;
CREATE INDEX conversations_workspace ON conversations (workspace_id);
CREATE INDEX conversations_agent ON conversations (workspace_id, agent_id);
CREATE INDEX conversations_user ON conversations (workspace_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX conversations_live ON conversations (workspace_id, agent_id) WHERE status IN ('open', 'dropped');
CREATE INDEX conversations_unended ON conversations (k) WHERE status <> 'ended';
CREATE INDEX conversations_configuration ON conversations (agent_hash);

CREATE TABLE agents (
  k INTEGER PRIMARY KEY AUTOINCREMENT,
  agent_id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_workspace ON agents (workspace_id);

CREATE TABLE configurations (hash TEXT PRIMARY KEY, config TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE workspaces (workspace_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  k INTEGER PRIMARY KEY AUTOINCREMENT,
  key_id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX keys_workspace ON keys (workspace_id);

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE replays (
  scope TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replays_age ON replays (at);

CREATE TABLE probes (k INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT;
`;

/**
 * What lists of conversations are narrowed by besides: what the first client that said it called itself, and the feedback about the
 * whole. Filled from the log for conversations that are there.
 */
export const LIST_FACTS = `
ALTER TABLE conversations ADD COLUMN source TEXT;
ALTER TABLE conversations ADD COLUMN rating REAL;
ALTER TABLE conversations ADD COLUMN commented INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET
  source = (SELECT event.value ->> '$.source' FROM log, json_each(log.events) AS event
    WHERE log.conversation = conversations.k AND event.value ->> '$.type' = 'client.joined' AND event.value ->> '$.role' = 'user'
      AND event.value ->> '$.source' IS NOT NULL
    ORDER BY log.first_seq, event.key LIMIT 1),
  rating = (SELECT event.value ->> '$.rating' FROM log, json_each(log.events) AS event
    WHERE log.conversation = conversations.k AND event.value ->> '$.type' = 'feedback.given' AND event.value ->> '$.rating' IS NOT NULL
    ORDER BY log.first_seq DESC, event.key DESC LIMIT 1),
  commented = EXISTS (SELECT 1 FROM log, json_each(log.events) AS event
    WHERE log.conversation = conversations.k AND event.value ->> '$.type' = 'feedback.given'
      AND event.value ->> '$.event_id' IS NULL AND coalesce(event.value ->> '$.comment', '') <> '');
`;

/** Keys may be narrowed, end, and come from the environment, whose keys had that name before they had a source. */
export const KEYS_THAT_END = `
ALTER TABLE keys ADD COLUMN agent_ids TEXT;
ALTER TABLE keys ADD COLUMN last_four TEXT;
ALTER TABLE keys ADD COLUMN source TEXT NOT NULL DEFAULT 'installation';
ALTER TABLE keys ADD COLUMN expires_at INTEGER;
ALTER TABLE keys ADD COLUMN revoked_at INTEGER;
ALTER TABLE keys ADD COLUMN last_used_at INTEGER;
UPDATE keys SET source = 'environment' WHERE name = 'BACKCHANNEL_API_KEY';
`;
