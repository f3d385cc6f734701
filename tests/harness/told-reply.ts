/** A model's reply that says what a test tells it, when the test tells it. Nothing comes before the first `say`. */
export class ToldReply implements AsyncIterable<string> {
  private readonly texts: string[] = [];
  private over = false;
  private wake = (): void => {};

  say(...texts: readonly string[]): this {
    // What comes behind the end was never said.
    if (!this.over) this.texts.push(...texts);
    this.wake();
    return this;
  }

  /** Nothing more comes: the reply is whole. */
  end(): void {
    this.over = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    for (;;) {
      const text = this.texts.shift();
      if (text !== undefined) yield text;
      else if (this.over) return;
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
    }
  }
}
