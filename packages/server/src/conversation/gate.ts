/**
 * Holds back what decisions produced until the seq they were made at is durable, then lets it go in order.
 * One a conversation; an answer without an event waits like any other, since what it rests on might still fail.
 */
export class Gate<T> {
  private readonly held: { readonly seq: number; readonly item: T }[] = [];

  constructor(
    private durable: number,
    private readonly release: (item: T) => void,
  ) {}

  pass(seq: number, item: T): void {
    if (seq <= this.durable && this.held.length === 0) this.release(item);
    else this.held.push({ seq, item });
  }

  /** Everything up to `seq` is in the store. */
  open(seq: number): void {
    if (seq > this.durable) this.durable = seq;
    while (this.held[0] !== undefined && this.held[0].seq <= this.durable) {
      const { item } = this.held.shift() as { item: T };
      this.release(item);
    }
  }

  /** What will never leave: the append it waited for failed. */
  abandon(): T[] {
    return this.held.splice(0).map(({ item }) => item);
  }
}
