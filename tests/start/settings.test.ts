import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VARIABLES } from '../../packages/server/dist/environment.js';
import { Api } from '../harness/api.js';
import { freePort } from '../harness/free-port.js';
import { CANNOT_PASTE, commandsOf, ends, folder, hears, run, start, terminal } from './terminal.js';

describe('a start that cannot be', () => {
  it('[FM10] a busy port: one sentence with another one, and nothing runs', async () => {
    const port = await freePort();
    const listener = createServer().listen(port, '127.0.0.1');
    const { code, output } = await ends(run(await folder(), { PORT: String(port) }));
    await new Promise((resolve) => listener.close(resolve));
    expect(code).toBe(1);
    expect(output).toBe(`Port ${port} is in use: stop what listens there, or start with another, e.g. PORT=${port + 1} npm start.\n`);
  });

  it('[FM11] a data folder that another server uses: one sentence with the fix, and the first goes on', async () => {
    const cwd = await folder();
    const { url } = await start(cwd);
    const { code, output } = await ends(run(cwd, { PORT: String(await freePort()) }));
    expect(code).toBe(1);
    const place = join(cwd, 'data');
    expect(output).toBe(
      `The data folder ${place} is in use by another process: stop that one, or set BACKCHANNEL_DATA to another folder.\n`,
    );
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('[FM12] wrong settings: one sentence each, all at once, and no secret in it', async () => {
    const settings = {
      PORT: '46oo',
      BACKCHANNEL_DATE: './data',
      BACKCHANNEL_PUBLIC_URL: 'talk.example.com',
      BACKCHANNEL_CORS_ORIGINS: 'https://app.example.com, https://example.com/',
      BACKCHANNEL_RESUME_SECS: '-1',
      BACKCHANNEL_SYNC: 'off',
      BACKCHANNEL_API_KEY: 'bck_secret\n',
    };
    const cwd = await folder();
    const { code, output } = await ends(run(cwd, settings));
    expect(code).toBe(1);
    expect(output.trimEnd().split('\n')).toEqual([
      'PORT is "46oo", but must be a whole number from 0 to 65535.',
      'BACKCHANNEL_API_KEY is set, but must be visible ASCII characters without spaces and line breaks.',
      'BACKCHANNEL_PUBLIC_URL is "talk.example.com", but must be a URL that begins with http:// or https://.',
      'BACKCHANNEL_CORS_ORIGINS is "https://app.example.com, https://example.com/", but must be origins with commas between them, such as https://app.example.com,http://10.0.0.5:3000; "https://example.com/" is none.',
      'BACKCHANNEL_SYNC is "off", but must be one of full, normal.',
      'BACKCHANNEL_RESUME_SECS is "-1", but must be a number of seconds above 0.',
      'BACKCHANNEL_DATE is not a setting; npm start -- --help lists them all.',
    ]);
    expect(await readdir(cwd)).toEqual([]);
    const next = await ends(run(cwd, { BACKCHANNEL_PUBLIC_URL: 'https://talk.example.com/?x=1', BACKCHANNEL_API_KEY: 'fifteen_letters' }));
    expect(next.output.trimEnd().split('\n')).toEqual([
      'BACKCHANNEL_API_KEY is set, but must be 16 characters or more, for instance what openssl rand -hex 32 prints.',
      'BACKCHANNEL_PUBLIC_URL is "https://talk.example.com/?x=1", but must be a URL without a query, a fragment and a user, such as https://talk.example.com.',
    ]);
  });

  it('[FM12] an argument that means nothing, an address that is not this machine’s, and data that are no folder', async () => {
    const cwd = await folder();
    expect(await ends(run(cwd, {}, ['--port', '5000']))).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^--port means nothing here: .*--help/),
    });
    const elsewhere = await ends(run(cwd, { PORT: '0', HOST: '203.0.113.7' }));
    expect(elsewhere).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^HOST=203\.0\.113\.7 is not an address of this machine: .*\n$/),
    });
    for (const HOST of ['999.1.1.1', 'nobody.invalid'])
      expect(await ends(run(cwd, { PORT: '0', HOST }))).toEqual({
        code: 1,
        output: `HOST=${HOST} is not an address of this machine: set HOST to one that is, e.g. 127.0.0.1.\n`,
      });
    await writeFile(join(cwd, 'taken'), '');
    const noFolder = await ends(run(cwd, { PORT: '0', BACKCHANNEL_DATA: './taken' }));
    expect(noFolder).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^The data folder \S+\/taken cannot be made: .*BACKCHANNEL_DATA.*\n$/),
    });
  });

  it('[FM13] --help lists every setting with its default, and starts nothing', async () => {
    const cwd = await folder();
    const { code, output } = await ends(run(cwd, {}, ['--help']));
    expect(code).toBe(0);
    for (const name of Object.keys(VARIABLES)) expect(output).toMatch(new RegExp(`^ {2}${name} .*\\[.*\\]$`, 'm'));
    expect(output).toMatch(/PORT .*\[4600\]/);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe('the key', () => {
  it('[FM14] on loopback is in a file that only its owner reads, stays the same, and is never printed', async () => {
    const cwd = await folder();
    const first = await start(cwd);
    const path = join(cwd, 'data', 'api-key');
    const key = (await readFile(path, 'utf8')).trim();
    expect(key).toMatch(/^bck_[A-Za-z0-9]{40,}$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(cwd, 'data'))).mode & 0o077).toBe(0);
    await new Api(first.url, key).open('agent_demo');
    await first.program.stop();
    const second = await start(cwd);
    expect((await readFile(path, 'utf8')).trim()).toBe(key);
    expect(await new Api(second.url, key).list()).toHaveLength(1);
    for (const { program } of [first, second]) expect(program.output()).not.toContain(key);
  });

  it.skipIf(CANNOT_PASTE)('[FM15] can be set: then no file is made, and the printed commands read it from the same variable', async () => {
    const cwd = await folder();
    const settings = { BACKCHANNEL_API_KEY: 'bck_chosen_by_hand' };
    const { program } = await start(cwd, settings);
    expect(await readdir(join(cwd, 'data'))).not.toContain('api-key');
    expect(program.output()).toContain('as set by BACKCHANNEL_API_KEY');
    expect(program.output()).not.toContain('bck_chosen_by_hand');
    const paste = terminal(cwd, await folder(), settings);
    const [open = '', send = ''] = commandsOf(program.output());
    expect(await paste(open)).toMatch(/^conv_[A-Za-z0-9]+$/m);
    expect(await paste(send)).toContain('"status":"replied"');
  });

  it.skipIf(CANNOT_PASTE)(
    '[FM15] off loopback is shown once, at the first start, and the commands read it from BACKCHANNEL_API_KEY',
    async () => {
      const cwd = await folder();
      const first = await start(cwd, { HOST: '0.0.0.0' });
      const [, key = ''] = /(bck_[A-Za-z0-9]+) \(shown this once/.exec(first.program.output()) ?? [];
      const paste = terminal(cwd, await folder(), { BACKCHANNEL_API_KEY: key });
      expect(await paste(commandsOf(first.program.output())[0] ?? '')).toMatch(/^conv_[A-Za-z0-9]+$/m);
      expect(await readdir(join(cwd, 'data'))).not.toContain('api-key');
      await first.program.stop();
      const second = await start(cwd, { HOST: '0.0.0.0' });
      expect(second.program.output()).not.toContain(key);
      expect(await new Api(second.url, key).list()).toHaveLength(1);
    },
  );

  it('[FM16] of another workspace sees none of the first one’s conversations and agents, and works at once', async () => {
    const cwd = await folder();
    const { url } = await start(cwd);
    const ours = new Api(url, (await readFile(join(cwd, 'data', 'api-key'), 'utf8')).trim());
    const id = await ours.open('agent_demo');
    const made = await ends(run(cwd, {}, ['Acme'], 'workspace'));
    expect(made.code).toBe(0);
    const [, key = ''] = /^Workspace Acme was made\. Its key, shown this once:\n(bck_[A-Za-z0-9]+)\n$/.exec(made.output) ?? [];
    const theirs = new Api(url, key);
    expect(await theirs.list()).toEqual([]);
    expect(await theirs.liveCount()).toBe(0);
    const unknown = await theirs.get('/conversations/conv_nobody');
    const foreign = await theirs.get(`/conversations/${id}`);
    const said = ({ status, body }: typeof foreign) => ({ status, detail: { ...(body as { detail: object }).detail, request_id: '' } });
    expect(said(foreign)).toEqual(said(unknown));
    expect(foreign.status).toBe(404);
    expect((await theirs.post(`/conversations/${id}/messages`, { type: 'agent_message', text: 'x' })).status).toBe(404);
    expect((await theirs.post('/conversations', { agent_id: 'agent_demo' })).status).toBe(404);
    const agentId = await theirs.createAgent({ conversation_config: {} });
    expect(await theirs.list({ agent_id: agentId })).toEqual([]);
    expect((await ours.get(`/agents/${agentId}`)).status).toBe(404);

    const further = await ends(run(cwd, {}, ['Acme'], 'workspace'));
    expect(further).toMatchObject({ code: 0, output: expect.stringContaining('Workspace Acme exists; this is a further key of it') });
    expect(await ends(run(cwd, {}, [], 'workspace'))).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^Usage: npm run workspace -- NAME/),
    });
    const nowhere = await ends(run(await folder(), {}, ['Acme'], 'workspace'));
    expect(nowhere).toMatchObject({ code: 1, output: expect.stringMatching(/^There is no database in \.\/data yet: .*\n$/) });
  });
});

describe('where it listens', () => {
  it('[FM17] off loopback without BACKCHANNEL_PUBLIC_URL: a warning with the line to set, and minting answers the same', async () => {
    const cwd = await folder();
    const warned = await start(cwd, { HOST: '0.0.0.0', BACKCHANNEL_API_KEY: 'bck_chosen_by_hand' });
    expect(warned.program.output()).toMatch(/warning {2}signed URLs cannot be minted: set BACKCHANNEL_PUBLIC_URL=https:\/\//);
    expect(warned.program.output()).toContain('can be reached from other machines');
    const refused = await new Api(warned.url, 'bck_chosen_by_hand').get('/conversation/get-signed-url?agent_id=agent_private');
    expect(refused).toMatchObject({
      status: 503,
      body: { detail: { code: 'public_url_missing', message: expect.stringContaining('BACKCHANNEL_PUBLIC_URL') } },
    });
    await warned.program.stop();

    const settings = { HOST: '0.0.0.0', BACKCHANNEL_API_KEY: 'bck_chosen_by_hand', BACKCHANNEL_PUBLIC_URL: 'https://talk.example.com' };
    const named = await start(cwd, settings);
    expect(named.program.output()).not.toContain('warning');
    expect(named.program.output()).toContain('https://talk.example.com');
    const { signedUrl } = await new Api(named.url, 'bck_chosen_by_hand').mint('agent_private');
    expect(signedUrl).toMatch(/^wss:\/\/talk\.example\.com\/v1\/convai\/conversation\?/);
  });

  it.skipIf(CANNOT_PASTE)('[FM18] data elsewhere, also under a name with a space: the commands find the key there', async () => {
    const [cwd, elsewhere] = [await folder(), await folder("backchannel it's here-")];
    await mkdir(join(elsewhere, 'my data'));
    const { program } = await start(cwd, { BACKCHANNEL_DATA: join(elsewhere, 'my data') });
    expect(await readdir(cwd)).toEqual([]);
    const paste = terminal(cwd, await folder());
    const [open = '', send = ''] = commandsOf(program.output());
    expect(await paste(open)).toMatch(/^conv_[A-Za-z0-9]+$/m);
    expect(await paste(send)).toContain('"status":"replied"');
    await hears(program, 'agent_demo');
  });
});
