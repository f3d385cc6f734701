import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { backgroundProcess } from '../../scripts/lib/background-process.mjs';
import { shellSession } from '../../scripts/lib/shell-session.mjs';
import { freePort } from '../harness/free-port.js';

const DIST = fileURLToPath(new URL('../../packages/server/dist/', import.meta.url));
/** A busy machine takes its time; nothing depends on it. */
const PATIENCE_MS = 25_000;

/** Where a person would have no bash and curl either, the commands are not tried; CI has both. */
export const CANNOT_PASTE = process.env.CI === undefined && ['bash', 'curl'].some((command) => spawnSync(command, ['--version']).error);

type Settings = Readonly<Record<string, string>>;
export type Program = ReturnType<typeof backgroundProcess>;
export type Started = { readonly program: Program; readonly url: string; readonly port: number };

/** What a terminal has that nobody has set anything in. */
export const plainEnvironment = (): Settings => ({ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NO_COLOR: '1' });

/** An empty folder for one test. */
export async function folder(name = 'backchannel-start-'): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), name));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Runs one of the server's programs in `cwd`, so that its data are in `cwd/data`. */
export function run(cwd: string, settings: Settings = {}, args: readonly string[] = [], program = 'main'): Program {
  const started = backgroundProcess(process.execPath, [join(DIST, `${program}.js`), ...args], {
    cwd,
    env: { ...plainEnvironment(), ...settings },
  });
  onTestFinished(() => started.stop());
  return started;
}

/** The server, listening. */
export async function start(cwd: string, settings: Settings = {}): Promise<Started> {
  const port = settings.PORT === undefined ? await freePort() : Number(settings.PORT);
  const program = run(cwd, { PORT: String(port), ...settings });
  await hears(program, 'echo\n');
  return { program, port, url: `http://127.0.0.1:${port}` };
}

/** Resolves when it has printed that; fails with what it has printed instead. */
export async function hears(program: Program, text: string): Promise<void> {
  if (!(await program.until((output: string) => output.includes(text), PATIENCE_MS))) expect(program.output()).toContain(text);
}

/** Its exit code and all that it printed, when it ends by itself. */
export async function ends(program: Program): Promise<{ code: number | undefined; output: string }> {
  return { code: await program.exit(PATIENCE_MS), output: program.output() };
}

/** The two commands that a start prints, as they would be copied from the terminal. */
export function commandsOf(output: string): string[] {
  const [, commands = ''] = output.split(/\(paste [^)]*\):\n/);
  return commands.split('\n\n').filter((block) => block.includes('curl'));
}

/** A new terminal in `cwd`; answers what each pasted text printed. */
export function terminal(cwd: string, scratch: string, settings: Settings = {}): (text: string) => Promise<string> {
  const shell = shellSession({ cwd, env: { ...plainEnvironment(), ...settings }, scratch });
  onTestFinished(() => shell.close());
  return async (text) => {
    const { ok, output }: { ok: boolean; output: string } = await shell.paste(text, PATIENCE_MS);
    expect({ ok, output }).toMatchObject({ ok: true });
    return output;
  };
}
