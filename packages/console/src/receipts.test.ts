import type { ConversationEvent } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { badEnd, foldReceipts, type ShownReceipt } from './receipts.js';

const at = (ms: number) => ({ time: new Date(1_000_000 + ms).toISOString(), seq: 1, epoch: 1 });
const accepted = (message_id: string, source: 'api' | 'client' = 'api'): ConversationEvent => ({
  ...at(0),
  type: 'message.accepted',
  message_id,
  message_type: 'user_message',
  text: 'Hi',
  urgency: 'soon',
  reply: 'auto',
  source,
  agent_state: 'listening',
  user_state: 'quiet',
});
type LevelEvent = ConversationEvent & { type: 'message.level' };
const level = (message_id: string, ms: number, name: LevelEvent['level'], more: Partial<LevelEvent> = {}): LevelEvent => ({
  ...at(ms),
  type: 'message.level',
  message_id,
  level: name,
  ...more,
});
const fold = (...events: ConversationEvent[]) => events.reduce(foldReceipts, [] as readonly ShownReceipt[]);

describe('the receipts that the page shows', () => {
  it('[PG12] climb with the log, each message on its own, the newest first', () => {
    const [second, first] = fold(
      accepted('msg_1'),
      level('msg_1', 4, 'applied'),
      accepted('msg_2'),
      level('msg_1', 90, 'replied', { complete: false }),
      level('msg_2', 95, 'applied'),
      level('msg_1', 120, 'spoken', { final: true }),
    );
    expect(first).toMatchObject({ messageId: 'msg_1', ended: true });
    expect(first?.levels.map(({ level: name, afterMs }) => [name, afterMs])).toEqual([
      ['accepted', 0],
      ['applied', 4],
      ['replied', 90],
      ['spoken', 120],
    ]);
    expect(first?.levels[2]).toMatchObject({ complete: false });
    expect(second).toMatchObject({ messageId: 'msg_2', ended: false });
  });

  it('[PG12] what the client itself typed has none', () => {
    expect(fold(accepted('msg_1', 'client'), level('msg_1', 1, 'applied'))).toEqual([]);
  });

  it('[PG12] say a bad end in words', () => {
    const ended = (name: LevelEvent['level'], reason?: string) =>
      fold(accepted('msg_1'), level('msg_1', 1, name, { final: true, ...(reason === undefined ? {} : { reason }) })).map(badEnd);
    expect(ended('undeliverable', 'conversation_ended')).toEqual(['It did not reach the user. The conversation ended first.']);
    expect(ended('expired')).toEqual(['It expired before it could be applied.']);
    expect(ended('failed', 'something_new')).toEqual(['The reply failed. something_new.']);
    expect(ended('spoken')).toEqual([undefined]);
  });

  it('[PG12] are the newest fifty', () => {
    const receipts = fold(...Array.from({ length: 60 }, (_, i) => accepted(`msg_${i}`)));
    expect([receipts.length, receipts[0]?.messageId]).toEqual([50, 'msg_59']);
  });
});
