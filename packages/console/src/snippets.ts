import type { OutgoingMessage } from './outgoing-message.js';

/** Where the API key is, seen from where the server was started: a file, or a variable of the shell. It is never shown itself. */
export type KeyPlace = { readonly file: string } | { readonly variable: string };

export type Call = {
  /** `http://host:port`, without a slash at the end. */
  readonly origin: string;
  readonly conversationId: string;
  readonly message: OutgoingMessage;
  readonly key: KeyPlace;
};

export type Language = 'curl' | 'fetch' | 'python';

/** The call that sends this message into this conversation, to be pasted as it is. Each prints what the server answers. */
export function snippet(language: Language, call: Call): string {
  const url = `${call.origin}/v1/convai/conversations/${call.conversationId}/messages`;
  const body = bodyOf(call.message);
  switch (language) {
    case 'curl':
      return [
        `curl -s ${url} \\`,
        `  -H "xi-api-key: ${keyInShell(call.key)}" \\`,
        "  -H 'content-type: application/json' \\",
        `  -d ${shellQuoted(JSON.stringify(body))}; echo`,
      ].join('\n');
    case 'fetch':
      return [
        ...('file' in call.key ? ["import { readFileSync } from 'node:fs';", ''] : []),
        `const response = await fetch('${url}', {`,
        "  method: 'POST',",
        `  headers: { 'xi-api-key': ${keyInJavaScript(call.key)}, 'content-type': 'application/json' },`,
        `  body: JSON.stringify(${literal(body)}),`,
        '});',
        'console.log(await response.json());',
      ].join('\n');
    case 'python':
      return [
        `import json, ${'file' in call.key ? '' : 'os, '}urllib.request`,
        '',
        'request = urllib.request.Request(',
        `    "${url}",`,
        `    data=json.dumps(${literal(body)}).encode(),`,
        `    headers={"xi-api-key": ${keyInPython(call.key)}, "content-type": "application/json"},`,
        ')',
        'print(urllib.request.urlopen(request).read().decode())',
      ].join('\n');
  }
}

/** Where there is an answer, the terminal shows it too. */
function bodyOf({ type, text, urgency }: OutgoingMessage): Readonly<Record<string, string>> {
  const answered = (type === 'user_message' || type === 'instruction') && urgency !== 'later';
  return { type, text, urgency, ...(answered ? { wait_for: 'replied' } : {}) };
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const shellPath = (path: string): string => (/^[\w./-]+$/.test(path) ? path : shellQuoted(path));

const keyInShell = (key: KeyPlace): string => ('file' in key ? `$(cat ${shellPath(key.file)})` : `$${key.variable}`);
const keyInJavaScript = (key: KeyPlace): string =>
  'file' in key ? `readFileSync(${JSON.stringify(key.file)}, 'utf8').trim()` : `process.env.${key.variable}`;
const keyInPython = (key: KeyPlace): string =>
  'file' in key ? `open(${JSON.stringify(key.file)}).read().strip()` : `os.environ["${key.variable}"]`;

/** JSON with a blank after each comma and colon between members: a literal of both languages, since all values are strings. */
const literal = (body: Readonly<Record<string, string>>): string =>
  `{ ${Object.entries(body)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(', ')} }`;
