/**
 * Carries requests to whoever serves a subject, and publications to whoever listens. The bus is never the
 * truth: losing it costs latency. Payloads are JSON values; every bus encodes and decodes them.
 */
export interface Bus {
  /** The server's answer, or `undefined` when nobody serves the subject. */
  request(subject: string, payload: unknown): Promise<unknown>;
  /** Answers requests on a subject. At most one server a subject. Returns what stops it. */
  serve(subject: string, answer: (payload: unknown) => Promise<unknown>): () => void;
  publish(subject: string, payload: unknown): void;
  /** True while somebody on this node or elsewhere may be listening; a publisher may skip the work otherwise. */
  wanted(subject: string): boolean;
  subscribe(subject: string, listener: (payload: unknown) => void): () => void;
  close(): Promise<void>;
}
