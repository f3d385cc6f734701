import { LIMITS } from './config.js';

/** What the environment may set. One table: it is parsed by it, and `--help` prints it. */
type Variable<T> = {
  readonly help: string;
  readonly fallback: T;
  readonly shown?: string;
  /** Its value is shown nowhere. */
  readonly secret?: true;
  readonly read: (text: string) => T | Problem;
};
type Problem = { readonly expected: string };

const problem = (expected: string): Problem => ({ expected });
const isProblem = (value: unknown): value is Problem => typeof value === 'object' && value !== null && 'expected' in value;

const text = (help: string, fallback: string | undefined, shown?: string): Variable<string | undefined> => ({
  help,
  fallback,
  ...(shown === undefined ? {} : { shown }),
  read: (value) => value,
});
/** It is sent in a header, where a line break that came along would make every request fail. */
const secret = (help: string, shown?: string): Variable<string | undefined> => ({
  ...text(help, undefined, shown),
  secret: true,
  read: (value) => (/^[\x21-\x7e]+$/.test(value) ? value : problem('visible ASCII characters without spaces and line breaks')),
});
const MIN_KEY_CHARACTERS = 16;
/** A key that people chose: one that could be guessed opens the server to whoever reaches its port. */
const chosenKey = (help: string, shown: string): Variable<string | undefined> => {
  const plain = secret(help, shown);
  return {
    ...plain,
    read: (value) =>
      !isProblem(plain.read(value)) && value.length < MIN_KEY_CHARACTERS
        ? problem(`${MIN_KEY_CHARACTERS} characters or more, for instance what openssl rand -hex 32 prints`)
        : plain.read(value),
  };
};
const choice = <T extends string>(help: string, fallback: T, options: readonly T[]): Variable<T> => ({
  help: `${help} (${options.join(', ')})`,
  fallback,
  read: (value) => options.find((option) => option === value) ?? problem(`one of ${options.join(', ')}`),
});
const count = (help: string, fallback: number, least = 0, most = Number.MAX_SAFE_INTEGER): Variable<number> => ({
  help,
  fallback,
  read: (value) => {
    const number = Number(value);
    return value.trim() !== '' && Number.isInteger(number) && number >= least && number <= most
      ? number
      : problem(`a whole number from ${least} to ${most}`);
  },
});
const seconds = (help: string, ms: number): Variable<number> => ({
  help: `${help}, in seconds`,
  fallback: ms,
  shown: String(ms / 1_000),
  read: (value) => {
    const secs = Number(value);
    return value.trim() !== '' && secs > 0 && Number.isFinite(secs) ? Math.round(secs * 1_000) : problem('a number of seconds above 0');
  },
});
const httpUrl = (help: string): Variable<string | undefined> => ({
  help,
  fallback: undefined,
  read: (value) =>
    /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value)
      ? value.replace(/\/+$/, '')
      : problem('a URL that begins with http:// or https://'),
});
/** Paths are appended to it. */
const baseUrl = (help: string): Variable<string | undefined> => {
  const plain = httpUrl(help);
  return {
    ...plain,
    read: (value) =>
      /[?#@]/.test(value) ? problem('a URL without a query, a fragment and a user, such as https://talk.example.com') : plain.read(value),
  };
};
/** As browsers send them: compared letter by letter, so whatever could never be equal is refused here. */
const origins = (help: string): Variable<readonly string[]> => ({
  help,
  fallback: [],
  shown: 'none',
  read: (value) => {
    const entries = value.split(',').map((entry) => entry.trim());
    const wrong = entries.find((entry) => !/^https?:/.test(entry) || !URL.canParse(entry) || new URL(entry).origin !== entry);
    return wrong === undefined
      ? entries
      : problem(`origins with commas between them, such as https://app.example.com,http://10.0.0.5:3000; "${wrong}" is none`);
  },
});

export const VARIABLES = {
  HOST: text('address to listen on', '127.0.0.1'),
  PORT: count('port to listen on; 0 takes a free one', 4_600, 0, 65_535),
  BACKCHANNEL_DATA: text('folder for the database and the key', './data'),
  BACKCHANNEL_API_KEY: chosenKey('API key of the default workspace, 16 characters or more', 'made at the first start'),
  BACKCHANNEL_PUBLIC_URL: baseUrl('URL that clients reach this server by; signed URLs begin with it'),
  BACKCHANNEL_CORS_ORIGINS: origins('origins, besides those on loopback, whose pages may use the API with a key; commas between them'),
  BACKCHANNEL_SYNC: choice('how the store waits for the disk: full survives a power cut, normal may lose the last moments', 'full', [
    'full',
    'normal',
  ]),
  BACKCHANNEL_LOG_LEVEL: choice('least severe log line that is written', 'warn', ['debug', 'info', 'warn', 'error', 'silent']),
  BACKCHANNEL_LLM_URL: httpUrl('base URL of an OpenAI-compatible endpoint, e.g. http://127.0.0.1:11434/v1'),
  BACKCHANNEL_LLM_KEY: secret('key for BACKCHANNEL_LLM_URL'),
  BACKCHANNEL_LLM_MODEL: text('model to ask for at BACKCHANNEL_LLM_URL', undefined),
  OPENAI_API_KEY: secret('uses OpenAI when BACKCHANNEL_LLM_URL is not set'),
  BACKCHANNEL_LLM_FIRST_TOKEN_SECS: seconds('a model that says nothing this long has failed', LIMITS.firstTokenMs),
  BACKCHANNEL_LLM_BETWEEN_TOKENS_SECS: seconds('a model that pauses this long has failed', LIMITS.betweenTokensMs),
  BACKCHANNEL_LLM_PROMPT: choice('strict: roles alternate from the user on, as many servers require; loose: no filler lines', 'strict', [
    'strict',
    'loose',
  ]),
  BACKCHANNEL_APOLOGY: text('what the agent says when its model fails', 'Sorry, I could not answer that just now. Please try again.'),
  BACKCHANNEL_BRAIN: text('YAML file with the rules of the built-in brain', undefined, 'the one that comes along'),
  BACKCHANNEL_RESUME_SECS: seconds('how long a lost client may come back', LIMITS.resumeMs),
  BACKCHANNEL_RATE_CONVERSATION: count('requests a second for one conversation', 100, 1),
  BACKCHANNEL_RATE_KEY: count('requests a second for one API key', 2_000, 1),
  BACKCHANNEL_RATE_CLIENT: count('frames a second of one client socket; twice as many may come at once', LIMITS.clientFramesPerSec, 1),
  BACKCHANNEL_RATE_CLIENT_BYTES: count(
    'bytes a second of one client socket; sixteen times as many may come at once',
    LIMITS.clientBytesPerSec,
    1,
  ),
  BACKCHANNEL_RATE_LIMIT: choice('off lifts all these rates', 'on', ['on', 'off']),
  BACKCHANNEL_MAX_CONNECTIONS: count('connections at a time, HTTP and clients together; more are cut', LIMITS.maxConnections, 1),
} as const;

type Name = keyof typeof VARIABLES;
export type Environment = { readonly [N in Name]: (typeof VARIABLES)[N]['fallback'] };

/** Every variable that is not as it should be, in one sentence each; else the values. An empty value counts as not set. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): { ok: true; environment: Environment } | { ok: false; problems: string[] } {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(VARIABLES) as [Name, Variable<unknown>][]) {
    const given = env[name];
    const value = given === undefined || given === '' ? variable.fallback : variable.read(given);
    if (isProblem(value)) problems.push(`${name} is ${variable.secret ? 'set' : `"${given}"`}, but must be ${value.expected}.`);
    values[name] = value;
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith('BACKCHANNEL_') && !(name in VARIABLES))
      problems.push(`${name} is not a setting; npm start -- --help lists them all.`);
  }
  // Every name of the table was read with its own parser.
  return problems.length > 0 ? { ok: false, problems } : { ok: true, environment: values as Environment };
}

export function help(): string {
  const lines = Object.entries(VARIABLES).map(([name, { help: words, fallback, ...rest }]) => {
    const shown = 'shown' in rest ? String(rest.shown) : fallback === undefined ? 'not set' : String(fallback);
    return `  ${name.padEnd(36)}${words} [${shown}]`;
  });
  return [
    'Backchannel gives every live AI conversation an address.',
    '',
    'Usage: npm start            serve until Ctrl-C',
    '       npm start -- --help  this text',
    '',
    'Environment variables [default]:',
    ...lines,
  ].join('\n');
}
