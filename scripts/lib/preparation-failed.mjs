/** Something a person can mend: one sentence, and what the tool said. */
export class PreparationFailed extends Error {
  constructor(sentence, output) {
    super(sentence);
    this.output = output.trimEnd();
  }

  /** Says it and sets the exit code. */
  report() {
    console.error(this.message);
    if (this.output) console.error(this.output);
    process.exitCode = 1;
  }
}
