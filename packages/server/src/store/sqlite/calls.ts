/** Calls across a thread boundary, typed by the functions on the other side. */
export type Functions = Record<string, (...args: never[]) => unknown>;

export type Call<F extends Functions> = { [K in keyof F & string]: { readonly name: K; readonly args: Parameters<F[K]> } }[keyof F &
  string];

/** Runs a call that came through a message port. */
export function perform<F extends Functions>(functions: F, call: Call<F>): unknown {
  // Name and arguments were checked together where the call was made; a union of calls has lost that tie.
  const run = functions[call.name] as (...args: unknown[]) => unknown;
  return run(...call.args);
}
