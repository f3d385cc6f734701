/** Something a person can mend: one sentence, and what the tool said. */
export class PreparationFailed extends Error {
  constructor(sentence, output) {
    super(sentence);
    this.output = output.trimEnd();
  }

  /** Says it, where it can be gone on without. */
  warn() {
    console.error(this.message);
    if (this.output) console.error(this.output);
  }

  /** Says it and sets the exit code. */
  report() {
    this.warn();
    process.exitCode = 1;
  }
}
