const NAME = 'backchannel.resume';

/**
 * The way back into this tab's conversation, so that a reload finds it: no key, no token, and only this tab of this address reads
 * it (a duplicated tab gets a copy, and takes the conversation over). Where the browser keeps nothing, a reload begins anew.
 */
export const wayBack = {
  read(): string | undefined {
    try {
      return sessionStorage.getItem(NAME) ?? undefined;
    } catch {
      // Storage is forbidden here.
      return undefined;
    }
  },
  /** `undefined` forgets it. */
  keep(resume: string | undefined): void {
    try {
      if (resume === undefined) sessionStorage.removeItem(NAME);
      else sessionStorage.setItem(NAME, resume);
    } catch {
      // Storage is forbidden here: a reload begins anew.
    }
  },
};
