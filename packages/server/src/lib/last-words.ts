import type { Duplex } from 'node:stream';

/**
 * The last that a peer is told, and the end of its connection whatever the peer does: it may have gone, which is
 * nobody's error, or never close its side, which it has `graceMs` milliseconds for. What it still sends is not kept.
 */
export function lastWords(line: Duplex, words: string, graceMs: number): void {
  line.on('error', () => line.destroy());
  line.end(words);
  line.resume();
  const timer = setTimeout(() => line.destroy(), graceMs);
  line.once('close', () => clearTimeout(timer));
}
