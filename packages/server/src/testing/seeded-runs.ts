type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How often a property is tried, and from which seed. `BACKCHANNEL_RUNS` says how often; `BACKCHANNEL_SEED` repeats
 * a run that has failed: fast-check prints the seed with what it found.
 */
export function seededRuns(runs: number, environment: Environment = process.env): { readonly seed: number; readonly numRuns: number } {
  const { BACKCHANNEL_RUNS, BACKCHANNEL_SEED } = environment;
  return {
    seed: BACKCHANNEL_SEED === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(BACKCHANNEL_SEED),
    numRuns: BACKCHANNEL_RUNS === undefined ? runs : Number(BACKCHANNEL_RUNS),
  };
}
