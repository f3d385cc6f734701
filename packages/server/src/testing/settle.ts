/**
 * Lets everything that waits for nothing but its turn run: promises, immediates, and what these start in
 * their turn. For tests on fakes; what waits for a timer, a socket or a disk is not waited for.
 */
export async function settle(rounds = 8): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}
