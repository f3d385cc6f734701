/**
 * Holds back what decisions produced until the seq they were made at is durable, then lets it go in order.
 * One a conversation; an answer without an event waits like any other, since what it rests on might still fail.
 */
export class Gate<T> {
  private readonly held: { readonly seq: number; readonly item: T }[] = [];
  private releasing = false;

  constructor(
    private durable: number,
    private readonly release: (item: T) => void,
  ) {}

  pass(seq: number, item: T): void {
    this.held.push({ seq, item });
    this.releaseDurable();
  }

  /** Everything up to `seq` is in the store. */
  open(seq: number): void {
    if (seq > this.durable) this.durable = seq;
    this.releaseDurable();
  }

  /** What is passed while another thing leaves waits until that one has left whole. */
  private releaseDurable(): void {
    if (this.releasing) return;
    this.releasing = true;
    try {
      for (let next = this.held[0]; next !== undefined && next.seq <= this.durable; next = this.held[0]) {
        this.held.shift();
        this.release(next.item);
      }
    } finally {
      this.releasing = false;
    }
  }

  /** Something waits for what it rests on. */
  get holds(): boolean {
    return this.held.length > 0;
  }

  /** What will never leave: the append it waited for failed. */
  abandon(): T[] {
    return this.held.splice(0).map(({ item }) => item);
  }
}
