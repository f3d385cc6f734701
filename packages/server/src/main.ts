import { StartError } from './bootstrap.js';
import { help, readEnvironment, VARIABLES } from './environment.js';
import { firstMinute } from './first-minute.js';
import { createPinoLog } from './lib/pino-log.js';
import { createSystemClock } from './lib/system-clock.js';
import { isLoopback, startServer } from './server.js';
import { openSqliteStore } from './store/sqlite/open-sqlite-store.js';
import { StoreOpenError } from './store/store-open-error.js';

/** Environment → start; signals → drain → exit. What goes wrong is one sentence with the fix. */
async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) return say(help());
  const [argument] = process.argv.slice(2);
  if (argument !== undefined)
    return fail(`${argument} means nothing here: settings are environment variables, npm start -- --help lists them.`);
  const read = readEnvironment(process.env);
  if (!read.ok) return fail(read.problems.join('\n'));
  const { environment } = read;
  const log = createPinoLog(environment.BACKCHANNEL_LOG_LEVEL);
  let stalls = 0;
  let serving = false;
  const clock = createSystemClock({
    onStall: (ms) => {
      // A slow start is nobody's silence.
      if (!serving) return;
      stalls += 1;
      log.warn({ stalled_ms: Math.round(ms) }, 'the event loop stood still; nobody is judged for that time');
    },
  });
  const folder = environment.BACKCHANNEL_DATA ?? './data';
  const loopback = isLoopback(environment.HOST);

  const store = await openSqliteStore({ folder, clock, log, synchronous: environment.BACKCHANNEL_SYNC });
  const server = await startServer({
    environment,
    clock,
    log,
    store,
    stalls: () => stalls,
    onOpened: (conversationId) => {
      if (loopback) say(`opened     ${conversationId}  over REST`);
    },
    onConnected: ({ conversationId, source, version }) => {
      if (loopback) say(`connected  ${conversationId}  ${source ?? 'unknown client'} ${version ?? ''}`.trimEnd());
    },
    onRefused: ({ code, message, agentId }) => {
      if (loopback) say(visible(`refused    ${agentId ?? 'no agent_id'}  ${code}: ${message}`));
    },
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  serving = true;
  say(
    firstMinute({
      url: server.url,
      publicUrl: environment.BACKCHANNEL_PUBLIC_URL,
      socketOrigin: server.socketOrigin,
      loopback,
      model: server.model,
      key: server.installation.key,
      cwd: process.cwd(),
      warnings: warningsOf(environment, loopback),
    }),
  );

  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    say(`\n${signal}: finishing replies, closing clients.`);
    server.close().then(
      () => process.exit(0),
      (error: unknown) => fail(`It did not stop cleanly: ${String(error)}`),
    );
  };
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGTERM', () => stop('SIGTERM'));
}

function warningsOf(
  env: { readonly BACKCHANNEL_PUBLIC_URL: string | undefined; readonly BACKCHANNEL_RATE_LIMIT: string },
  loopback: boolean,
): string[] {
  return [
    ...(loopback || env.BACKCHANNEL_PUBLIC_URL !== undefined
      ? []
      : ['signed URLs cannot be minted: set BACKCHANNEL_PUBLIC_URL=https://your-host']),
    ...(env.BACKCHANNEL_RATE_LIMIT === 'off' ? ['request rates are not limited (BACKCHANNEL_RATE_LIMIT=off)'] : []),
  ];
}

/** One sentence for what a person can mend; the rest with its stack. */
function explain(error: unknown): string {
  if (error instanceof StoreOpenError || error instanceof StartError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const port = Number(process.env.PORT || VARIABLES.PORT.fallback);
  const other = port < 65_535 ? port + 1 : VARIABLES.PORT.fallback;
  if (code === 'EADDRINUSE') return `Port ${port} is in use: stop what listens there, or start with another, e.g. PORT=${other} npm start.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this user: set PORT to one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || isUnknownName(error))
    return `HOST=${process.env.HOST} is not an address of this machine: set HOST to one that is, e.g. 127.0.0.1.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A name, or what looks like one (999.1.1.1), of which the resolver knows no address, or that it cannot ask about now. */
const isUnknownName = (error: unknown): boolean => error instanceof Error && 'syscall' in error && error.syscall === 'getaddrinfo';

/** What a stranger sent must not act on the terminal of whoever reads it. */
const visible = (text: string): string => text.replace(/\p{Cc}/gu, '?');

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

main().catch((error: unknown) => fail(explain(error)));
