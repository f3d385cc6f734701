import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isObject, parseJson } from '@backchannel/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const BENCH = join(import.meta.dirname, '..', '..', 'bench', 'run.mjs');
const AT_MOST_MS = 120_000;
const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backchannel-bench-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const median = (value: unknown): unknown => (isObject(value) ? value.median : undefined);
const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (Array.isArray(inner) ? inner[Number(key)] : isObject(inner) ? inner[key] : undefined), value);

/** No figure is judged here: that they come at all, from every kind of server, is what a change may break. */
describe('npm run bench', () => {
  const servers = ['backchannel', 'receipt', 'socket-io'];

  it('[BM1, BM2] measures every server with both loads, and what a conversation takes', { timeout: AT_MOST_MS }, async () => {
    const json = join(folder, 'result.json');
    const size = ['--quick', '--only=load,memory', '--sizes=10', '--secs=0.3', '--rate=50', '--idle=50'];
    const { stdout } = await run(process.execPath, [BENCH, ...size, `--servers=${servers.join(',')}`, `--json=${json}`]);
    const parsed = parseJson(await readFile(json, 'utf8'));
    const result = parsed.ok ? parsed.value : undefined;
    for (const server of servers) {
      for (const load of ['max', 'paced']) {
        for (const figure of ['cpu', 'perSecond', 'p50', 'p99', 'ratio'])
          expect(median(at(result, 'load', 0, load, server, figure)), `${server} ${load} ${figure}`).toBeTypeOf('number');
      }
      expect(at(result, 'memory', server, 'live', 'heap')).toBeTypeOf('number');
    }
    for (const state of ['dropped', 'created']) expect(at(result, 'memory', 'backchannel', state, 'heap')).toBeTypeOf('number');
    expect(stdout).toMatch(/\| CPU over the bare server that does the same, at the maximum rate, 10 conversations: at most 1\.4×/);
  });

  it('[BM3] says what it knows when asked for something else, and what to do where there is no room', async () => {
    await expect(run(process.execPath, [BENCH, '--servers=nginx'])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/There is no nginx\.\nnpm run bench -- /),
    });
    await expect(run(process.execPath, [BENCH, '--sizes=100000000'])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^100000000 open conversations need 100000300 file descriptors .*ulimit/),
    });
  });
});
