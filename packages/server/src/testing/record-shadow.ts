import { deepStrictEqual } from 'node:assert/strict';
import { type ConversationEvent, parseOwn } from '@backchannel/protocol';
import { evolve, newRecord } from '../conversation/evolve.js';
import type { ConversationRecord } from '../conversation/record.js';
import { RuleBroken } from './log-rules.js';

/** Folds a log beside a conversation, from the events as the store would give them back, to compare with its record. */
export class RecordShadow {
  private record: ConversationRecord | undefined;

  constructor(events: readonly ConversationEvent[] = []) {
    for (const event of events) this.take(event);
  }

  take(event: ConversationEvent): void {
    const stored = parseOwn<ConversationEvent>(JSON.stringify(event));
    if (this.record !== undefined) evolve(this.record, stored);
    else if (stored.type === 'conversation.created') this.record = newRecord(stored);
    else throw new RuleBroken(`The log begins with ${stored.type}.`);
  }

  /** Throws, with both, when the record is not what the log says. */
  compare(record: ConversationRecord): void {
    if (this.record === undefined || texts(this.record) === texts(record)) return;
    deepStrictEqual(plain(record), plain(this.record), 'the record is not the fold of its log');
    throw new RuleBroken(`The record is not the fold of its log, by the order of its keys: ${texts(record)}`);
  }
}

/** With the order of every inner key, since messages reach their ends in the order they are held in. */
const texts = (record: ConversationRecord): string => JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const plain = (record: ConversationRecord): unknown => parseOwn(JSON.stringify(record));
