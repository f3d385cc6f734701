import { spread } from './spread.mjs';

const FIGURES = ['cpu', 'perSecond', 'p50', 'p90', 'p99', 'late'];

/**
 * What the runs of one load come to, for each server: every figure as a spread, and `ratio`: Backchannel's CPU per operation over
 * this one's, round by round, so that what the whole machine did in a round is in both.
 */
export function loadFigures(runs, load) {
  const ours = runs.backchannel?.[load];
  return Object.fromEntries(
    Object.entries(runs).map(([name, { [load]: rounds }]) => {
      const figures = FIGURES.map((figure) => [figure, spread(rounds.map((round) => round[figure]))]);
      const ratio = ours && spread(rounds.map(({ cpu }, i) => ours[i].cpu / cpu));
      return [name, { ...Object.fromEntries(figures), ...(ratio ? { ratio } : {}) }];
    }),
  );
}
