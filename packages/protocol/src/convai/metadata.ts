import { z } from 'zod';
import type { AppMetadata } from '../message.js';
import { parseJson } from '../parse.js';
import { APP_METADATA_BYTES, findUnfit, longerThan } from './limits.js';
import { unfitSentence } from './problems.js';

const Value = z.union([z.string(), z.number(), z.boolean()]);
const TOO_LARGE = `Send metadata of at most ${APP_METADATA_BYTES} bytes of JSON.`;

/** True when the metadata as JSON has at most `APP_METADATA_BYTES` bytes; a merged one is asked again. */
export const fitsMetadata = (metadata: Readonly<Record<string, unknown>>): boolean =>
  !longerThan(JSON.stringify(metadata), APP_METADATA_BYTES);

/** Flat strings, numbers and booleans. */
export const FlatMetadata = z.record(z.string(), Value).refine(fitsMetadata, { error: TOO_LARGE });

/** A change of it: what is null goes away. */
export const MetadataPatch = z.record(z.string(), Value.nullable()).refine(fitsMetadata, { error: TOO_LARGE });

/** In a query it is URL-encoded JSON. */
export const MetadataParam = z.string().transform((text, context): AppMetadata => {
  const parsed = parseJson(text);
  const unfit = parsed.ok ? findUnfit(parsed.value, true) : undefined;
  if (unfit) {
    context.addIssue({ code: 'custom', message: unfitSentence(unfit) });
    return z.NEVER;
  }
  const read = FlatMetadata.safeParse(parsed.ok ? parsed.value : undefined);
  if (read.success) return read.data;
  const custom = read.error.issues.find((issue) => issue.code === 'custom');
  context.addIssue({
    code: 'custom',
    message: custom?.message ?? 'Send app_metadata as URL-encoded JSON: one flat object of strings, numbers and booleans.',
  });
  return z.NEVER;
});
