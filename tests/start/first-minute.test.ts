import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { backgroundProcess } from '../../scripts/lib/background-process.mjs';
import { freshCopy } from '../../scripts/lib/fresh-copy.mjs';
import { REPOSITORY } from '../../scripts/lib/repository.mjs';
import { agentOf, raw, socketOf } from '../cases/stage.js';
import { OfficialClient } from '../compat/official-client.js';
import { Api } from '../harness/api.js';
import { freePort } from '../harness/free-port.js';
import { until } from '../harness/until.js';
import { CANNOT_PASTE, commandsOf, ends, folder, hears, type Program, plainEnvironment, run, start, terminal } from './terminal.js';

/** Installing and building once, on a machine that does other things too. */
const FIRST_START_MS = 240_000;

describe('the first minute with a fresh copy', () => {
  let scratch = '';
  let copy = '';
  let port = 0;
  let first: Program | undefined;

  /** As in a terminal: npm runs it, and whoever presses Ctrl-C means both. */
  const npmStart = (): Program => backgroundProcess('npm', ['start'], { cwd: copy, env: { ...plainEnvironment(), PORT: String(port) } });

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'backchannel-fresh-'));
    copy = join(scratch, 'backchannel');
    await mkdir(copy);
    freshCopy(REPOSITORY, copy);
    port = await freePort();
    first = npmStart();
    const up = await first.until((output: string) => output.includes('echo\n'), FIRST_START_MS);
    if (!up) throw new Error(`npm start brought up no server:\n${first.output()}`);
  }, FIRST_START_MS + 10_000);
  afterAll(async () => {
    await first?.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  it('[FM1] npm start installs, builds, and prints the address, both agents, the model, where the key is, and two commands', () => {
    const output = first?.output() ?? '';
    expect(output).toContain('Installing what the server needs (the first time only) …');
    expect(output).toContain('Building the server …');
    expect(output).toContain(`Backchannel is listening on http://127.0.0.1:${port}`);
    expect(output).toMatch(/agents {3}agent_demo .*anybody/);
    expect(output).toMatch(/agent_private .*signed URL/);
    expect(output).toMatch(/model {4}builtin/);
    expect(output).toMatch(/key {6}in data\/api-key/);
    expect(commandsOf(output)).toHaveLength(2);
    expect(output).not.toMatch(/npm (warn|error)|warning|Error/i);
  });

  it.skipIf(CANNOT_PASTE)(
    '[FM2] both commands work when they are pasted into a new terminal: the id is printed, then the agent’s answer',
    async () => {
      const paste = terminal(copy, scratch);
      const [open = '', send = ''] = commandsOf(first?.output() ?? '');
      const id = (await paste(open)).trim();
      expect(id).toMatch(/^conv_[A-Za-z0-9]+$/);
      expect(await paste(send)).toMatch(/"status":"replied".*"reply":\{"text":"You can tell me facts/);
      const key = (await readFile(join(copy, 'data', 'api-key'), 'utf8')).trim();
      expect(await new Api(`http://127.0.0.1:${port}`, key).conversation(id)).toMatchObject({ status: 'in-progress', agent_name: 'Demo' });
    },
  );

  it('[FM16] npm run workspace makes another workspace while the server runs, and prints its key', async () => {
    const made = backgroundProcess('npm', ['run', 'workspace', '--', 'Acme'], { cwd: copy, env: plainEnvironment() });
    onTestFinished(() => made.stop());
    const { code, output } = await ends(made);
    expect(code).toBe(0);
    const [, key = ''] = /Its key, shown this once:\n(bck_[A-Za-z0-9]+)\n$/.exec(output) ?? [];
    expect(await new Api(`http://127.0.0.1:${port}`, key).list()).toEqual([]);
  });

  it('[FM3] Ctrl-C ends it at once, and the next start prints the same without installing or building', async () => {
    const before = first?.output() ?? '';
    first?.interrupt();
    // The server exits 0; npm, which was interrupted as well, may say so in its own way.
    expect([0, 130, null]).toContain(await first?.exit(20_000));
    expect(first?.output().slice(before.length)).toBe('\nSIGINT: finishing replies, closing clients.\n');

    const second = npmStart();
    onTestFinished(() => second.stop());
    await hears(second, 'echo\n');
    expect(second.output()).not.toMatch(/Installing|Building/);
    const greeting = (output: string): string => output.slice(output.indexOf('Backchannel is listening'), output.indexOf('; echo\n'));
    expect(greeting(before)).toContain('/messages');
    expect(greeting(second.output())).toBe(greeting(before));
  });
});

describe('what the terminal shows', () => {
  it('[FM4] who connected, with id, client and version, and who was refused, with the cause and the fix', async () => {
    const cwd = await folder();
    const { program, port, url } = await start(cwd);
    const origin = `ws://127.0.0.1:${port}`;
    const client = await OfficialClient.start({ origin, agentId: 'agent_demo' });
    await hears(program, `connected  ${client.id}  js_sdk 1.25.0\n`);
    await OfficialClient.refused({ origin, agentId: 'agent_private' });
    await hears(program, 'refused    agent_private  authorization_required: This agent is private: connect with a signed URL from ');
    await OfficialClient.refused({ origin, agentId: 'agent_nobody' });
    await hears(
      program,
      'refused    agent_nobody  agent_not_found: The AI agent you are trying to reach does not exist; check agent_id.\n',
    );
    await OfficialClient.refused({ origin, agentId: 'agent_demo' }, { overrides: { tts: { voiceId: 'mine' } } });
    await hears(program, 'refused    agent_demo  override_error: permit tts.voice_id in platform_settings.overrides.');
    await OfficialClient.refused({ origin, agentId: '%1b%5B2J%0aconnected' });
    await hears(program, 'refused    ?[2J?connected  agent_not_found: ');
    await client.end();

    const api = new Api(url, (await readFile(join(cwd, 'data', 'api-key'), 'utf8')).trim());
    const auth = { allowlist: [{ hostname: 'localhost:3000' }] };
    const listed = await api.createAgent({ ...agentOf(), platform_settings: { auth } });
    (await raw(socketOf({ origin }, listed), { origin: 'http://localhost:3001' })).init();
    await hears(program, `refused    ${listed}  origin_not_allowed: http://localhost:3001; add localhost:3001 to the agent’s allowlist.\n`);
  });

  it('[FM4] which conversations were opened over REST', async () => {
    const cwd = await folder();
    const { program, url } = await start(cwd);
    const id = await new Api(url, (await readFile(join(cwd, 'data', 'api-key'), 'utf8')).trim()).open('agent_demo');
    await hears(program, `opened     ${id}  over REST\n`);
  });

  it('[FM5] off loopback nobody is named, since anybody may come by', async () => {
    const { program, port } = await start(await folder(), { HOST: '0.0.0.0' });
    const origin = `ws://127.0.0.1:${port}`;
    const client = await OfficialClient.start({ origin, agentId: 'agent_demo' });
    await OfficialClient.refused({ origin, agentId: 'agent_nobody' });
    await client.end();
    expect(program.output()).not.toMatch(/^(connected|opened|refused) /m);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    '[FM6] %s: running replies finish, the exit code is 0, nothing is on the error stream',
    async (name) => {
      const { program, port } = await start(await folder());
      const client = await OfficialClient.start({ origin: `ws://127.0.0.1:${port}`, agentId: 'agent_demo' });
      await client.said(1);
      client.session.sendUserMessage('Hello there');
      await until('the reply begins', () => client.parts.length > 0);
      if (name === 'SIGINT') program.interrupt();
      else void program.stop();
      expect(await ends(program)).toMatchObject({
        code: 0,
        output: expect.stringMatching(new RegExp(`\n${name}: finishing replies, closing clients\\.\n$`)),
      });
      expect(await client.disconnected).toMatchObject({ closeCode: 1012 });
      expect(client.messages).toHaveLength(2);
    },
  );

  it('[FM7] a start that loads what had not ended: the conversation goes on', async () => {
    const cwd = await folder();
    const first = await start(cwd);
    const api = new Api(first.url, (await readFile(join(cwd, 'data', 'api-key'), 'utf8')).trim());
    const id = await api.open('agent_demo');
    await api.send(id, { type: 'user_message', text: 'My order number is 42.', wait_for: 'replied' });
    first.program.interrupt();
    expect((await ends(first.program)).code).toBe(0);
    run(cwd, { PORT: String(first.port) });
    await until(
      'it listens again',
      () =>
        fetch(`${first.url}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      { withinMs: 25_000, everyMs: 50 },
    );
    const answer = await api.send(id, { type: 'user_message', text: 'What is my order number?', wait_for: 'replied' });
    expect(answer.reply?.text).toContain('42');
  });
});
