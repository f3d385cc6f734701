// Runs the blocks of README.md and docs/*.md as a reader would paste them: in a fresh copy of the repository, against a server
// that `npm start` brought up there. Every sh, bash, js, ts and python block has a comment just before it that says how it is run:
//
//   <!-- run: sh -->                      in the file's terminal (one bash for all its blocks: an id set before is still set);
//   <!-- run: curl -->                    the same. It must end well.
//   <!-- run: sh, expect: /"status"/ -->  and what it prints must match (a regular expression in which . is any character, also a new line).
//   <!-- run: js -->  ts  python          a program of its own, run in a folder beside the copy (`../my-app` of the README), with the
//                                         terminal's exported variables absent. It finds the official clients: those of tests/, and in
//                                         Python those of .cache/python.
//   <!-- run: page, expect: /hello/ -->   a React component: its types are checked, it is bundled, opened in Chromium, and its first button is
//                                         pressed; what it then shows must match. What it asks of its own site, port 4601 answers.
//   <!-- run: js &, expect: /ready/ -->   goes on running until the end of the file; the next block waits until it has printed that.
//   <!-- run: server -->                  how the server is started: run instead of `npm start`, once, before everything else.
//   <!-- run: none, the reason -->        not run.
//
// Blocks speak of the ports 4600 (the server) and 4601 (the reader's backend) and the folder ./data; here they get free ports instead.
// The server's data are in the copy.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asCommand } from './lib/as-command.mjs';
import { backgroundProcess } from './lib/background-process.mjs';
import { freePort } from './lib/free-port.mjs';
import { freshCopy } from './lib/fresh-copy.mjs';
import { runPage } from './lib/page-block.mjs';
import { havePython, pythonPath } from './lib/python.mjs';
import { readmeBlocks } from './lib/readme-blocks.mjs';
import { shellSession } from './lib/shell-session.mjs';

const START_AT_MOST_MS = 300_000;
const BLOCK_AT_MOST_MS = 60_000;

/** One entry for each block that has no marker, fails, or prints something else than it should. */
export async function checkReadme(root) {
  const documents = ['README.md', ...guides(root)].filter((file) => existsSync(join(root, file)));
  const read = documents.map((file) => readmeBlocks(file, readFileSync(join(root, file), 'utf8')));
  const problems = read.flatMap((document) => document.problems);
  if (problems.length > 0) return problems;
  const scratch = mkdtempSync(join(tmpdir(), 'backchannel-readme-'));
  try {
    return await runDocuments(
      root,
      scratch,
      read.map((document) => document.blocks),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function guides(root) {
  const folder = join(root, 'docs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`);
}

async function runDocuments(root, scratch, documents) {
  const copy = join(scratch, 'backchannel');
  mkdirSync(copy);
  freshCopy(root, copy);
  const port = await freePort();
  const ports = { 4600: port, 4601: await freePort() };
  const place = { root, copy, scratch, ports, packages: clientsFor(scratch, root), env: environment(copy, port) };
  const starts = documents.flat().find(({ kind }) => kind === 'server')?.text ?? 'npm start';
  const server = backgroundProcess('bash', ['-c', starts], { cwd: copy, env: place.env });
  const problems = [];
  try {
    if (!(await server.until(() => healthy(port), START_AT_MOST_MS)))
      return [`"${starts.trim()}" brought up no server:\n${server.output()}`];
    for (const blocks of documents) problems.push(...(await runBlocks(blocks, place)));
  } finally {
    await server.stop();
  }
  return problems.length > 0 ? [...problems, `The server printed:\n${server.output()}`] : [];
}

/** The reader's own folder, in which programs find the official clients as if they had been installed there. */
function clientsFor(scratch, root) {
  const folder = join(scratch, 'my-app');
  mkdirSync(folder, { recursive: true });
  const installed = join(root, 'tests', 'node_modules');
  if (existsSync(installed)) symlinkSync(installed, join(folder, 'node_modules'), 'junction');
  return folder;
}

/** The reader's own settings (and keys for paid models) do not belong to the README. */
function environment(copy, port) {
  const ours = Object.entries(process.env).filter(([name]) => !/^(BACKCHANNEL_|OPENAI_|npm_)/.test(name));
  return { ...Object.fromEntries(ours), PORT: String(port), BACKCHANNEL_DATA: join(copy, 'data'), NO_COLOR: '1' };
}

async function healthy(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false; // nobody listens yet
  }
}

async function runBlocks(blocks, place) {
  const terminal = shellSession({ cwd: place.copy, env: terminalEnvironment(place.env), scratch: place.scratch });
  const running = [];
  const problems = [];
  try {
    for (const block of blocks.filter(({ kind }) => kind !== 'none' && kind !== 'server')) {
      const text = block.text.replaceAll(/\b460[01]\b/g, (port) => place.ports[port]);
      const { ok, output } = await runBlock({ ...block, text }, { ...place, terminal, running });
      const where = `${block.file}:${block.line}`;
      if (!ok) problems.push(`${where}: failed, printing:\n${output}`);
      else if (block.expect && output !== undefined && !block.expect.test(output))
        problems.push(`${where}: printed nothing like ${block.expect}:\n${output}`);
    }
  } finally {
    terminal.close();
    for (const background of running) await background.stop();
  }
  return problems;
}

/** A new terminal knows nothing of how the server was started. */
function terminalEnvironment({ PORT: _port, BACKCHANNEL_DATA: _data, ...env }) {
  return env;
}

async function runBlock(block, { root, copy, env, packages, ports, terminal, running }) {
  if (block.kind === 'page') return runPage(block, { packages, backend: `http://127.0.0.1:${ports[4601]}`, env }, BLOCK_AT_MOST_MS);
  if (block.kind === 'python' && !havePython(root)) return { ok: !process.env.CI, output: undefined };
  const { command, args } = block.kind === 'sh' || block.kind === 'curl' ? {} : await program(block, packages, root);
  if (!command && !block.background) return terminal.paste(block.text, BLOCK_AT_MOST_MS);
  const options = { cwd: command ? packages : copy, env: terminalEnvironment(env) };
  const child = command ? backgroundProcess(command, args, options) : backgroundProcess('bash', ['-c', block.text], options);
  if (block.background) {
    running.push(child);
    const ready = await child.until((printed) => block.expect === undefined || block.expect.test(printed), BLOCK_AT_MOST_MS);
    return { ok: ready, output: child.output() };
  }
  const code = await child.exit(BLOCK_AT_MOST_MS);
  await child.stop();
  return { ok: code === 0, output: child.output() };
}

/** Writes a program beside the packages, so that its imports resolve as they would for a reader. */
async function program({ kind, text, line }, packages, root) {
  if (kind === 'python') {
    const path = join(packages, `block-${line}.py`);
    writeFileSync(path, text);
    return { command: pythonPath(root), args: ['-u', path] };
  }
  const path = join(packages, `block-${line}.mjs`);
  writeFileSync(path, kind === 'ts' ? await asJavaScript(text) : text);
  return { command: process.execPath, args: [path] };
}

async function asJavaScript(text) {
  const { default: ts } = await import('typescript');
  const { ESNext } = ts.ModuleKind;
  return ts.transpileModule(text, { compilerOptions: { module: ESNext, target: ts.ScriptTarget.ES2022 } }).outputText;
}

await asCommand(import.meta.url, checkReadme);
