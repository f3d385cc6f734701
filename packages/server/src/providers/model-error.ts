/** A model that could not answer. Fields hold what an operator may see in a log: never a prompt, never a key. */
export class ModelError extends Error {
  /** HTTP status of the endpoint, where one answered. */
  readonly status: number | undefined;
  /** The endpoint's own code, or the network's (`ECONNREFUSED`). */
  readonly code: string | undefined;

  constructor(
    message: string,
    facts: { readonly status?: number | undefined; readonly code?: string | undefined } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ModelError';
    this.status = facts.status;
    this.code = facts.code;
  }
}
