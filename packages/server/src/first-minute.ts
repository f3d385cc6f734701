import type { Installation } from './bootstrap.js';
import { keyPlace, placeOf } from './key-place.js';

export type Greeting = {
  readonly url: string;
  readonly publicUrl: string | undefined;
  /** What signed URLs begin with; undefined when none can be minted. */
  readonly socketOrigin: string | undefined;
  readonly loopback: boolean;
  readonly model: string;
  readonly key: Installation['key'];
  readonly cwd: string;
  readonly warnings: readonly string[];
};

/** What every start prints: where it is, who can be talked to, and two curls that work when pasted in a new terminal. */
export function firstMinute(greeting: Greeting): string {
  const { url, publicUrl, socketOrigin, loopback, model, warnings } = greeting;
  const key = keyInShell(greeting);
  const lines = [
    `Backchannel is listening on ${url}`,
    ...(publicUrl === undefined ? [] : [`  reached from outside as ${publicUrl}`]),
    ...(socketOrigin === undefined ? [] : [`  signed URLs begin with ${socketOrigin}/`]),
    '',
    ...(loopback ? [`  page     ${url}/  (talk with the demo agent, and send into that conversation)`] : []),
    '  agents   agent_demo     anybody may connect',
    '           agent_private  wants a signed URL (GET /v1/convai/conversation/get-signed-url?agent_id=agent_private)',
    `  model    ${model}`,
    `  key      ${keyInWords(greeting)}`,
    ...warnings.map((warning) => `  warning  ${warning}`),
    '',
    'Open a conversation, then make its agent answer (paste into a new terminal, in this folder):',
    '',
    ...curls(url, key),
    '',
  ];
  return (loopback ? lines : [...lines, 'This address can be reached from other machines; put HTTPS in front of it.', '']).join('\n');
}

/** The two commands of the first minute. `id` is taken from the first answer without any tool but the shell's own. */
export function curls(url: string, key: string): string[] {
  return [
    `id=$(curl -s ${url}/v1/convai/conversations -H "xi-api-key: ${key}" -H 'content-type: application/json' \\`,
    `  -d '{"agent_id":"agent_demo"}' | sed 's/.*"conversation_id":"\\([^"]*\\)".*/\\1/'); echo "$id"`,
    '',
    `curl -s ${url}/v1/convai/conversations/$id/messages -H "xi-api-key: ${key}" -H 'content-type: application/json' \\`,
    `  -d '{"type":"user_message","text":"What can you do?","wait_for":"replied"}'; echo`,
  ];
}

function keyInShell({ key, cwd }: Greeting): string {
  const place = keyPlace(key.kind === 'file' ? key.path : undefined, cwd);
  return 'file' in place ? `$(cat ${shellPath(place.file)})` : `$${place.variable}`;
}

const shellPath = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

function keyInWords({ key, cwd }: Greeting): string {
  switch (key.kind) {
    case 'file':
      return `in ${placeOf(key.path, cwd)}`;
    case 'environment':
      return 'as set by BACKCHANNEL_API_KEY';
    case 'shown':
      return `${key.value} (shown this once; export BACKCHANNEL_API_KEY=… to use the commands below)`;
    case 'known':
      return 'the one that the first start showed, or one from `npm run workspace -- NAME`';
  }
}
