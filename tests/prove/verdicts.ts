/** What can be wrong with a history, each with what one of it is. All must be 0. */
export const VERDICTS = {
  lost: 'an acknowledged message that is not in the log, or whose line is not',
  doubled: 'a message that is in the log twice, or a line that is twice in the log or on one connection',
  reordered: 'a message or a line that comes before one that was there first',
  gaps: 'a place in a log where seq does not go up by one',
  phantoms: 'a message in the log that nobody sent or that was refused, or a line at a client that is not in the log',
  epochs: 'a place in a log where the epoch goes back',
  unequal: 'an answer that names another message, seq or level than the log has',
  unfinished: 'a message whose receipt has no end',
  backward: 'a receipt that goes back, ends twice or goes on after its end',
  undelivered: 'an acknowledged message that ended badly',
  unreceived: 'a message that counts as confirmed and that no client was shown',
  missed: 'a line in the log that no client was ever shown',
} as const;

export type Verdict = keyof typeof VERDICTS;
export const VERDICT_NAMES = Object.keys(VERDICTS) as readonly Verdict[]; // keys of a constant object are its names

const EXAMPLES = 5;

/** Counts what was found, and keeps the first few of each kind as sentences. */
export class Findings {
  readonly counts: Record<Verdict, number> = {
    lost: 0,
    doubled: 0,
    reordered: 0,
    gaps: 0,
    phantoms: 0,
    epochs: 0,
    unequal: 0,
    unfinished: 0,
    backward: 0,
    undelivered: 0,
    unreceived: 0,
    missed: 0,
  };
  readonly #examples: { readonly verdict: Verdict; readonly sentence: string }[] = [];

  add(verdict: Verdict, sentence: string): void {
    this.counts[verdict] += 1;
    if (this.counts[verdict] <= EXAMPLES) this.#examples.push({ verdict, sentence });
  }

  get total(): number {
    return VERDICT_NAMES.reduce((sum, name) => sum + this.counts[name], 0);
  }

  /** The first few findings of each kind. */
  examples(): readonly string[] {
    return VERDICT_NAMES.flatMap((name) => {
      const sentences = this.#examples.filter(({ verdict }) => verdict === name).map(({ sentence }) => `${name}: ${sentence}`);
      const more = this.counts[name] - sentences.length;
      return more > 0 ? [...sentences, `${name}: and ${more} more`] : sentences;
    });
  }

  /** `0 lost, 0 doubled, …` */
  summary(): string {
    return VERDICT_NAMES.map((name) => `${this.counts[name]} ${name}`).join(', ');
  }
}
