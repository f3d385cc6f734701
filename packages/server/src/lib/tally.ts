/** How often each of a few names came, for whoever scrapes. The caller sees to it that the names are few. */
export class Tally implements Iterable<readonly [string, number]> {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  [Symbol.iterator](): Iterator<readonly [string, number]> {
    return this.counts.entries();
  }
}
