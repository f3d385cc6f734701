import { readFileSync } from 'node:fs';
import { type ConversationEvent, isObject, parseJson } from '@backchannel/protocol';
import { fold } from './conversation/evolve.js';

/**
 * `npm run replay -- LOG [SEQ]`: folds an exported log (the answer of GET …/events, or its array) and prints the
 * record as it was at that seq: what the conversation knew.
 */
function main(): void {
  const [file, at] = process.argv.slice(2);
  if (file === undefined)
    return fail('Usage: npm run replay -- LOG [SEQ]   LOG is a file with the answer of GET …/events; SEQ is where to stop.');
  const events = read(file);
  if (events === undefined) return fail(`${file} holds no events: save the answer of GET /v1/convai/conversations/{id}/events there.`);
  const until = at === undefined ? Number.POSITIVE_INFINITY : Number(at);
  process.stdout.write(`${JSON.stringify(fold(events.filter(({ seq }) => seq <= until)), null, 2)}\n`);
}

function read(file: string): ConversationEvent[] | undefined {
  const parsed = parseJson(readFileSync(file, 'utf8'));
  const value = parsed.ok ? parsed.value : undefined;
  const events = isObject(value) ? value.events : value;
  // An export of ours; what is not shaped like one fails in the fold, with its reason.
  return Array.isArray(events) && events.length > 0 ? (events as ConversationEvent[]) : undefined;
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

main();
