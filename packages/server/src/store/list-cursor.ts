import type { Page } from './store.js';

/** Thrown by lists for a cursor that no list gave out. */
export class InvalidCursorError extends Error {
  constructor() {
    super('The cursor is not one of ours.');
    this.name = 'InvalidCursorError';
  }
}

/** Lists go from newest to oldest by a row number that is never used twice, so a place in a list is that number, made opaque. */
const encodeListCursor = (row: number): string => Buffer.from(`k${row}`).toString('base64url');

export function decodeListCursor(cursor: string): number {
  const match = /^k(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new InvalidCursorError();
  return Number(match[1]);
}

/** Makes a page of rows that were asked for with one more than fits: that one tells that there is a next page. */
export function pageOf<Row extends { readonly k: number }>(rows: Row[], pageSize: number): Page<Row> {
  const items = rows.slice(0, pageSize);
  const last = items.at(-1);
  return rows.length > items.length && last ? { items, nextCursor: encodeListCursor(last.k) } : { items };
}
