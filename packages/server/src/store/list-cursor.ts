import type { Page } from './store.js';

/** Thrown by lists for a cursor that no list gave out. */
export class InvalidCursorError extends Error {
  constructor() {
    super('The cursor is not one of ours.');
    this.name = 'InvalidCursorError';
  }
}

/** Lists go by a row number that is never used twice, so a place in a list is that number, made opaque. */
const encodeListCursor = (row: number): string => Buffer.from(`k${row}`).toString('base64url');

export function decodeListCursor(cursor: string): number {
  const match = /^k(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new InvalidCursorError();
  return Number(match[1]);
}

/** A place in a list by name: where two have one name, the row number decides. */
export const nameCursor = (row: number, name: string): string => Buffer.from(`n${row}:${name}`).toString('base64url');

export function decodeNameCursor(cursor: string): { readonly row: number; readonly name: string } {
  const match = /^n(\d{1,15}):(.*)$/s.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new InvalidCursorError();
  return { row: Number(match[1]), name: match[2] ?? '' };
}

/** Makes a page of rows that were asked for with one more than fits: that one tells that there is a next page. */
export function pageOf<Row extends { readonly k: number }>(
  rows: Row[],
  pageSize: number,
  cursorOf: (row: Row) => string = ({ k }) => encodeListCursor(k),
): Page<Row> {
  const items = rows.slice(0, pageSize);
  const last = items.at(-1);
  return rows.length > items.length && last ? { items, nextCursor: cursorOf(last) } : { items };
}
