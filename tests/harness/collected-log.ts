type Level = 'debug' | 'info' | 'warn' | 'error';
type Line = { readonly level: Level; readonly fields: object; readonly message: string };

/** A log that keeps what it is told. */
export class CollectedLog {
  readonly lines: Line[] = [];
  readonly debug = this.at('debug');
  readonly info = this.at('info');
  readonly warn = this.at('warn');
  readonly error = this.at('error');

  /** What nobody should ever see: each is a fault of the server. */
  get errors(): readonly Line[] {
    return this.lines.filter(({ level }) => level === 'error');
  }

  private at(level: Level): (fields: object, message: string) => void {
    return (fields, message) => void this.lines.push({ level, fields, message });
  }
}
