// What a page of the table does with the client that it is given: whatever the table asks for through `ask`.

class NoWay extends Error {
  none = true;
}

/** A method that some versions have not. */
export function method(object, name) {
  if (typeof object?.[name] !== 'function') throw new NoWay(`this version has no ${name}`);
  return object[name].bind(object);
}

/** Only what survives being sent. */
export const tell = (event) => void globalThis.tell(JSON.parse(JSON.stringify(event)));

export function servePage(commands) {
  globalThis.ask = async (command, given) => {
    try {
      return { ok: (await commands[command](given)) ?? null };
    } catch (error) {
      const text = error?.closeReason || error?.message || String(error);
      return { error: { class: error?.name ?? 'Error', text, none: error?.none } };
    }
  };
}
