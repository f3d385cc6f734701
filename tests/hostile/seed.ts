/** Where a run begins: `BACKCHANNEL_SEED` repeats one. Printed, since not every failure is a property's. */
export function chosenSeed(what: string): number {
  const { BACKCHANNEL_SEED } = process.env;
  const seed = BACKCHANNEL_SEED === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(BACKCHANNEL_SEED);
  console.info(`${what}: BACKCHANNEL_SEED=${seed}`);
  return seed;
}
