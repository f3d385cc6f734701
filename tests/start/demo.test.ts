import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { backgroundProcess } from '../../scripts/lib/background-process.mjs';
import { REPOSITORY } from '../../scripts/lib/repository.mjs';
import { freePort } from '../harness/free-port.js';
import { ends, folder, plainEnvironment, start } from './terminal.js';

const DEMO = join(REPOSITORY, 'scripts', 'demo.mjs');

/** What it printed, when it has ended well. */
async function toured(settings: Readonly<Record<string, string>>, args: readonly string[] = ['--fast']): Promise<string> {
  const program = backgroundProcess(process.execPath, [DEMO, ...args], {
    cwd: await folder(),
    env: { ...plainEnvironment(), ...settings },
  });
  onTestFinished(() => program.stop());
  const { code, output } = await ends(program);
  expect([code, output]).toEqual([0, expect.any(String)]);
  return output;
}

it('[PG30] npm run demo shows every step with the official client on a server of its own, and ends by itself', async () => {
  const output = await toured({ PORT: String(await freePort()) });
  expect(output.match(/^\d+\. /gm)).toHaveLength(10);
  expect(output).toMatch(/A server of its own for this tour: http:\/\/127\.0\.0\.1:\d+\n/);
  expect(output).toMatch(/its id: conv_[A-Za-z0-9]+\n/);
  expect(output).toMatch(/accepted \+0 ms → applied \+\d+ ms {3}nothing was said/);
  expect(output).toMatch(/POST answered: .*Friday/);
  expect(output).toMatch(/accepted \+0 ms → applied \+\d+ ms → spoken \+\d+ ms/);
  expect(output).toMatch(/The same message, shown once: msg_/);
  expect(output.match(/Please have your ID ready\./g)).toHaveLength(1);
  expect(output).toMatch(/sent meanwhile is accepted, stored and held \(the user is away\)/);
  expect(output).toMatch(/The same conversation, and what was held is said\./);
  expect(output).toMatch(/agent {2}.*42/);
  expect(output).toMatch(/The client was told: ended by the backend\n/);
  expect(output).not.toMatch(/TWO MESSAGES|ANOTHER CONVERSATION|broke off|npm (warn|error)/);
});

it('[PG31] where a server runs and its key is at hand, the tour is there', async () => {
  const cwd = await folder();
  const { url, port, program } = await start(cwd);
  const output = await toured({ PORT: String(port), BACKCHANNEL_DATA: join(cwd, 'data') });
  expect(output).toContain(`With the server that runs here: ${url}\n`);
  const [, id = ''] = /its id: (conv_\w+)/.exec(output) ?? [];
  expect(program.output()).toContain(`connected  ${id}  js_sdk`);
});
