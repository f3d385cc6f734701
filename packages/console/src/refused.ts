/** What the server, or the way to it, answered instead of what was asked: in words, with what to do. */
export class Refused extends Error {
  constructor(
    /** The error's name in the table of errors, or `unreachable` when nobody answered. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'Refused';
  }
}

const UNREACHABLE = 'The server does not answer. Is it still running? Start it again with npm start.';

/** Asks the server for JSON. Rejects with `Refused` alone. */
export async function askServer<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, { ...init, cache: 'no-store', credentials: 'omit' });
    body = await response.json();
  } catch {
    // No connection, or one that broke off: to whoever waits here it is the same.
    throw new Refused('unreachable', UNREACHABLE);
  }
  if (!response.ok) throw refusalIn(body, response.status);
  // Our own server's answer to our own question.
  return body as T;
}

function refusalIn(body: unknown, status: number): Refused {
  const detail = memberOf(body, 'detail');
  if (Array.isArray(detail)) return new Refused('invalid_request', detail.map((field) => String(memberOf(field, 'msg'))).join(' '));
  const [code, message] = [memberOf(detail, 'code'), memberOf(detail, 'message')];
  return new Refused(String(code ?? status), String(message ?? `The server answered ${status}.`));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
