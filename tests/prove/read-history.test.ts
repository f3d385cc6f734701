import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryLine } from './history.js';
import { REPOSITORY } from './programs.js';
import { readHistory } from './read-history.js';

const COMMAND = join(REPOSITORY, 'scripts', 'check-history.mjs');
/** What the command becomes once it has compiled it. */
const COMPILED = join(REPOSITORY, 'tests', 'prove', 'dist', 'check-history.js');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backchannel-history-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(lines: readonly (HistoryLine | string)[]): Promise<string> {
  const path = join(folder, 'history.jsonl');
  await writeFile(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return path;
}

function run(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

describe('a history file', () => {
  it('[PR12] is read line by line, blank ones left out', async () => {
    const kill: HistoryLine = { t: 1, type: 'kill', server: 1 };
    expect(await readHistory(await file([kill, '', { ...kill, t: 2 }]))).toEqual([kill, { ...kill, t: 2 }]);
  });

  it('[PR12] names the first line that is none', async () => {
    const kill: HistoryLine = { t: 1, type: 'kill', server: 1 };
    await expect(readHistory(await file([kill, '{"t":2,']))).rejects.toThrow(/history\.jsonl:2: not a JSON object/);
    await expect(readHistory(await file(['{"t":1,"type":"guess"}']))).rejects.toThrow(/type "guess" is none of/);
    await expect(readHistory(await file(['{"t":1,"type":"ok","op":1}']))).rejects.toThrow(/needs "message_id", a string/);
  });
});

describe('npm run check-history', () => {
  const invoke: HistoryLine = {
    t: 1,
    type: 'invoke',
    op: 1,
    conversation: 'conv_a',
    key: 'k',
    message: { type: 'contextual_update', text: 'here' },
  };
  const ok: HistoryLine = { t: 2, type: 'ok', op: 1, status: 202, message_id: 'msg_1', seq: 1, level: 'accepted', replayed: false };
  const events = [
    { seq: 1, epoch: 1, type: 'message.accepted', message_id: 'msg_1', message_type: 'contextual_update', text: 'here' },
    { seq: 2, epoch: 1, type: 'context.set', message_id: 'msg_1' },
    { seq: 3, epoch: 1, type: 'message.level', message_id: 'msg_1', level: 'applied', final: true },
  ];
  const log = (count: number): HistoryLine => ({ t: 3, type: 'log', conversation: 'conv_a', events: events.slice(0, count) });

  it('[PR2] prints the counts and ends with 0 when all are 0', async () => {
    const { code, output } = await run(COMMAND, await file([invoke, ok, log(3)]));
    expect(output).toContain('1 messages acknowledged');
    expect(output).toContain('0 lost, 0 doubled, 0 reordered, 0 gaps, 0 phantoms');
    expect(code).toBe(0);
  });

  it('[PR2] names what it found and ends with 1', async () => {
    const { code, output } = await run(COMPILED, await file([invoke, ok, log(2)]));
    expect(output).toContain('unfinished: conv_a "here" stays accepted');
    expect(code).toBe(1);
    expect((await run(COMPILED, await file([invoke, log(3)]))).code).toBe(1);
  });

  it('[PR2] ends with 2 when there is no readable history', async () => {
    expect((await run(COMPILED)).code).toBe(2);
    for (const path of [join(folder, 'nowhere.jsonl'), folder]) {
      const { code, output } = await run(COMPILED, path);
      expect(output).toMatch(
        /^\S+ cannot be read \((ENOENT|EISDIR)\): give the path of a history file; `npm run prove` writes some and says where\.\n$/,
      );
      expect(code).toBe(2);
    }
    expect((await run(COMPILED, await file(['nonsense']))).code).toBe(2);
  });
});
