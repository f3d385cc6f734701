import { type DestinationStream, destination as open, pino } from 'pino';
import type { Log } from './log.js';
import { isSecretName, redactUrl } from './redact-url.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * Structured logs, one JSON line each, on standard error unless `destination` says otherwise: standard output is for people.
 * Lines are written behind the event loop's back, because a reader that stalls must not stall the server.
 */
export function createPinoLog(level: LogLevel, destination: DestinationStream = open({ dest: 2, sync: false })): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redacted(fields) as Record<string, unknown>,
      },
      // Errors are made plain in `redacted`; pino's own serializer would work on what that leaves.
      serializers: { err: (error: unknown) => error },
    },
    destination,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

const DEEPEST = 6;

/** A copy without keys and signatures, whatever field or text they stand in. */
function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactUrl(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return '[too deep]';
  if (value instanceof Error) {
    const { name, message, stack, cause, ...more } = value;
    return redacted({ type: name, message, stack, ...(cause === undefined ? {} : { cause }), ...more }, depth + 1);
  }
  if (Array.isArray(value)) return value.map((item) => redacted(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isSecretName(name) ? '[redacted]' : redacted(item, depth + 1)]),
  );
}
