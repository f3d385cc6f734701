import { z } from 'zod';

/** Values of query strings: every one arrives as text. */
export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, { error: `Send a whole number from ${min} to ${max}.` })
    .transform(Number)
    .pipe(z.int().min(min).max(max));

export const flag = z
  .string()
  .regex(/^(true|false|1|0)$/i, { error: 'Send true or false.' })
  .transform((text) => text === '1' || text.toLowerCase() === 'true')
  .pipe(z.boolean());

/** A number that need not be whole. */
export const amount = z
  .string()
  .regex(/^-?\d{1,12}(\.\d{1,6})?$/, { error: 'Send a number.' })
  .transform(Number)
  .pipe(z.number());

export const page = {
  page_size: whole(1, 100).default(30).describe('How many entries a page has.'),
  cursor: z.string().min(1).optional().describe('`next_cursor` of the page before.'),
};
