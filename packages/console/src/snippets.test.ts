import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { MessageKind, OutgoingMessage } from './outgoing-message.js';
import { snippet } from './snippets.js';

const call = { origin: 'http://127.0.0.1:4600', conversationId: 'conv_a', key: { file: 'data/api-key' } };
const message = (text: string, type: MessageKind = 'agent_message'): OutgoingMessage => ({ type, text, urgency: 'soon' });

/** What a shell would hand to curl: each argument on its own line. */
function curlArguments(code: string): string[] {
  const done = spawnSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; cat() { printf 'the key'; }; ${code}`], { encoding: 'utf8' });
  return done.stdout.trimEnd().split('\0').slice(0, -1);
}

const TEXTS = [
  'Hello',
  'It\'s "quoted" \\ and $HOME `id` $(id) !x',
  'two\nlines\tand a tab',
  'Grüße 👋 \u2028',
  "'; exit 1; '",
  '</script>',
];

describe('the calls that the page shows', () => {
  it.each(TEXTS)('[PG10] curl sends the text as it is: %j', (text) => {
    expect(curlArguments(snippet('curl', { ...call, message: message(text) }))).toEqual([
      '-s',
      'http://127.0.0.1:4600/v1/convai/conversations/conv_a/messages',
      '-H',
      'xi-api-key: the key',
      '-H',
      'content-type: application/json',
      '-d',
      JSON.stringify({ type: 'agent_message', text, urgency: 'soon' }),
    ]);
  });

  it.each(TEXTS)('[PG10] fetch sends the text as it is: %j', async (text) => {
    const code = snippet('fetch', { ...call, message: message(text, 'user_message') }).replace(/^import .*$/m, '');
    const sent: unknown[] = [];
    const run = new Function('fetch', 'readFileSync', 'console', `return (async () => {${code}})()`);
    await run(
      async (...given: unknown[]) => {
        sent.push(given);
        return { json: async () => ({}) };
      },
      () => 'the key\n',
      { log: () => {} },
    );
    const body = JSON.stringify({ type: 'user_message', text, urgency: 'soon', wait_for: 'replied' });
    const headers = { 'xi-api-key': 'the key', 'content-type': 'application/json' };
    expect(sent).toEqual([['http://127.0.0.1:4600/v1/convai/conversations/conv_a/messages', { method: 'POST', headers, body }]]);
  });

  it.each(TEXTS)('[PG10] Python’s literals are those of JSON: %j', (text) => {
    const code = snippet('python', { ...call, message: message(text) });
    const [, literal = ''] = /data=json\.dumps\((.*)\)\.encode\(\)/s.exec(code) ?? [];
    expect(literal.replace(/^\{ | \}$/g, '')).toBe(`"type": "agent_message", "text": ${JSON.stringify(text)}, "urgency": "soon"`);
  });

  it('[PG10] the key is read from its file, wherever that is, or from a variable, and is never part of the call', () => {
    const at = (file: string) => curlArguments(snippet('curl', { ...call, key: { file }, message: message('Hi') }))[3];
    expect([at('data/api-key'), at("/srv/it's here/api-key")]).toEqual(['xi-api-key: the key', 'xi-api-key: the key']);
    const shown = (['curl', 'fetch', 'python'] as const).map((language) =>
      snippet(language, { ...call, key: { variable: 'BACKCHANNEL_API_KEY' }, message: message('Hi') }),
    );
    expect(shown[0]).toContain('"xi-api-key: $BACKCHANNEL_API_KEY"');
    expect(shown[1]).toContain("'xi-api-key': process.env.BACKCHANNEL_API_KEY,");
    expect(shown[2]).toContain('import json, os, urllib.request');
    expect(shown[2]).toContain('"xi-api-key": os.environ["BACKCHANNEL_API_KEY"]');
  });
});
