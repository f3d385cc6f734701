/** Faults that tests order beforehand; groups are commits of the first writer thread, counted from 1. */
export type StoreFaults = {
  /** The file may not grow beyond so many pages: a full disk. */
  readonly maxPages?: number;
  /** The commit of this group fails, and the file counts as broken until it was opened anew. */
  readonly failAtGroup?: number;
  /** The writer's thread dies before the commit of this group. */
  readonly exitAtGroup?: number;
};
