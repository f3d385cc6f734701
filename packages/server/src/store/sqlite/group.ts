import type { RowChange } from '../row-change.js';
import type { Call } from './calls.js';
import type { Writes } from './writes.js';

/**
 * What one commit carries, as it crosses to the writer's thread. Appends are columns of primitives, which cost
 * half of what one object an append costs to clone; the writer never looks into `texts`. All appends come before
 * all writes: nobody can be waiting for the other order, since neither has been acknowledged.
 */
export type Group = {
  readonly ids: string[];
  readonly epochs: number[];
  readonly firstSeqs: number[];
  readonly lastSeqs: number[];
  readonly texts: string[];
  /** Row changes by place in the columns, ascending; almost always none. */
  readonly changes: { readonly place: number; readonly change: RowChange }[];
  readonly writes: Call<Writes>[];
};

export const emptyGroup = (): Group => ({ ids: [], epochs: [], firstSeqs: [], lastSeqs: [], texts: [], changes: [], writes: [] });

export type Refusal = { readonly place: number; readonly reason: 'fenced' | 'unavailable'; readonly message: string };
export type WriteResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/**
 * `committed`: all but the refused appends are durable; `results` in the order of `writes`.
 * `failed`: nothing of the group is; after `broken` the file has to be opened anew.
 */
export type GroupReply =
  | { readonly kind: 'committed'; readonly refused: readonly Refusal[]; readonly results: readonly WriteResult[] }
  | { readonly kind: 'failed'; readonly message: string; readonly broken: boolean };
