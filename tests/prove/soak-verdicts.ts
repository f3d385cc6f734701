import type { Held } from './soak-gauge.js';

export type SoakVerdict = 'heap' | 'memory' | 'descriptors' | 'resources' | 'conversations' | 'refusals';

export type Judged = { readonly verdict: SoakVerdict; readonly holds: boolean; readonly line: string };

/** What a soak saw: what the server held after the warm-up and at the end, what was left open then, and what went wrong. */
export type Soaked = {
  readonly before: Held;
  readonly after: Held;
  readonly left: { readonly conversations: number; readonly sockets: number };
  /** Answers that no client of a sound server gets. */
  readonly refusals: readonly string[];
};

/** So much more may be held at the end. */
const MOST_GROWTH = 0.1;
const MIB = 1_048_576;
const SHOWN = 3;

/** One line a verdict. `resident: false` leaves out the memory of the whole process, which takes longer to settle than a short run. */
export function judge({ before, after, left, refusals }: Soaked, { resident }: { readonly resident: boolean }): readonly Judged[] {
  return [
    grown('heap', 'heap after a collection', before.heapBytes, after.heapBytes),
    ...(resident ? [grown('memory', 'memory of the process', before.residentBytes, after.residentBytes)] : []),
    same('descriptors', 'open files and sockets', before.descriptors ?? 0, after.descriptors ?? 0),
    same('resources', 'what keeps the event loop busy', before.resources, after.resources),
    {
      verdict: 'conversations',
      holds: left.conversations === 0 && left.sockets === 0,
      line: `left over: ${left.conversations} conversations, ${left.sockets} client sockets`,
    },
    {
      verdict: 'refusals',
      holds: refusals.length === 0,
      line: `wrong answers: ${[refusals.length, ...refusals.slice(0, SHOWN)].join('; ')}`,
    },
  ];
}

function grown(verdict: SoakVerdict, title: string, before: number, after: number): Judged {
  const growth = after / before - 1;
  const percent = `${growth < 0 ? '' : '+'}${(growth * 100).toFixed(1)} %`;
  const line = `${title}: ${(before / MIB).toFixed(1)} MiB after the warm-up, ${(after / MIB).toFixed(1)} MiB at the end (${percent}; at most +${MOST_GROWTH * 100} %)`;
  return { verdict, holds: growth <= MOST_GROWTH, line };
}

function same(verdict: SoakVerdict, title: string, before: number, after: number): Judged {
  return { verdict, holds: after <= before, line: `${title}: ${before} after the warm-up, ${after} at the end` };
}
