import { createInterface } from 'node:readline';

/** What a client has no way to do; `text` says why. */
export class NoWay extends Error {
  none = true;
}

export function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** A method that some versions have not. */
export function method(object, name) {
  if (typeof object?.[name] !== 'function') throw new NoWay(`this version has no ${name}`);
  return object[name].bind(object);
}

/** An error as JSON. */
export function toldError(error) {
  const { name, message, statusCode, closeCode, closeReason, body, none } = error ?? {};
  return { class: name ?? 'Error', text: closeReason || message || String(error), code: closeCode, status: statusCode, body, none };
}

/** Does what stdin says, a JSON line each, and ends with it. `commands` by their names; each is given one object. */
export async function serve(commands) {
  for (const event of ['unhandledRejection', 'uncaughtException']) {
    process.on(event, (error) => tell({ event: 'unhandled', text: String(error?.stack ?? error) }));
  }
  tell({ event: 'ready' });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, do: command, with: given } = JSON.parse(line);
    try {
      tell({ id, ok: (await commands[command](given)) ?? null });
    } catch (error) {
      tell({ id, error: toldError(error) });
    }
  }
  process.exit(0);
}
