import { parseOwn } from '@backchannel/protocol';
import type { Bus } from './bus.js';

type Answerer = (payload: unknown) => Promise<unknown>;
type Listener = (payload: unknown) => void;

/**
 * The bus of a single node. It encodes and decodes all the same, so that what would not survive the way to another
 * node does not survive here either. Requests reach their server in the same turn of the event loop, publications
 * leave in a later one: answers and client sessions go first.
 */
export class MemoryBus implements Bus {
  readonly #servers = new Map<string, Answerer>();
  readonly #listeners = new Map<string, readonly Listener[]>();
  #outgoing: { readonly subject: string; readonly text: string }[] = [];

  async request(subject: string, payload: unknown): Promise<unknown> {
    const answer = this.#servers.get(subject);
    if (answer === undefined) return undefined;
    try {
      return parseOwn(encode(await answer(parseOwn(encode(payload)))));
    } catch (error) {
      // Only the words of an error would reach another node.
      throw new Error(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  serve(subject: string, answer: Answerer): () => void {
    if (this.#servers.has(subject)) throw new Error(`${subject} is served already.`);
    this.#servers.set(subject, answer);
    return () => {
      // A server that came later stays.
      if (this.#servers.get(subject) === answer) this.#servers.delete(subject);
    };
  }

  publish(subject: string, payload: unknown): void {
    if (!this.wanted(subject)) return;
    this.#outgoing.push({ subject, text: encode(payload) });
    if (this.#outgoing.length === 1) setImmediate(() => this.#deliver());
  }

  wanted(subject: string): boolean {
    return this.#listeners.has(subject);
  }

  subscribe(subject: string, listener: Listener): () => void {
    // An entry of its own, since the same function may be subscribed twice.
    const entry: Listener = (payload) => listener(payload);
    this.#listeners.set(subject, [...(this.#listeners.get(subject) ?? []), entry]);
    return () => {
      const others = this.#listeners.get(subject)?.filter((other) => other !== entry) ?? [];
      if (others.length > 0) this.#listeners.set(subject, others);
      else this.#listeners.delete(subject);
    };
  }

  async close(): Promise<void> {
    this.#servers.clear();
    this.#listeners.clear();
    this.#outgoing = [];
  }

  #deliver(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    for (const { subject, text } of outgoing) {
      const listeners = this.#listeners.get(subject);
      if (listeners === undefined) continue;
      // Decoded once a node, as by any bus: listeners share it.
      const payload = parseOwn(text);
      for (const listener of listeners) listener(payload);
    }
  }
}

/** `undefined` is no JSON, so it travels as null: an answer is never taken for nobody's. */
const encode = (value: unknown): string => JSON.stringify(value) ?? 'null';
