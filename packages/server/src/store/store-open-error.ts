/**
 * Why a store cannot be opened. `message` is one sentence that says what is wrong and how to fix it; it is
 * meant to be printed as it is.
 *
 * `locked`: another process uses the data folder. `corrupt`: the file is damaged or no database.
 * `newer`: a later version wrote it. `unreadable`: the folder or the file cannot be opened.
 */
export class StoreOpenError extends Error {
  constructor(
    readonly reason: 'locked' | 'corrupt' | 'newer' | 'unreadable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreOpenError';
  }
}
