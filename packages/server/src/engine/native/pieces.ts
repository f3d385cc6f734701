/**
 * Makes a model's text fit to be said, piece by piece: no leading white space (a reply of white space alone is
 * no reply), and never half a character. Some servers cut a surrogate pair between two pieces.
 */
export class Pieces {
  private begun = false;
  private carry = '';

  /** What of the piece can be said now; empty when nothing can. */
  take(text: string): string {
    let whole = this.carry + text;
    this.carry = '';
    if (!this.begun) whole = whole.trimStart();
    if (whole === '') return '';
    this.begun = true;
    if (/[\uD800-\uDBFF]$/.test(whole)) {
      this.carry = whole.slice(-1);
      whole = whole.slice(0, -1);
    }
    return wellFormed(whole);
  }

  /** What was held back for a second half that never came. */
  rest(): string {
    return wellFormed(this.carry);
  }
}

/** Half a character cannot be stored or sent: it becomes the replacement character. */
export const wellFormed = (text: string): string =>
  text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
