import { describe, expect, it } from 'vitest';
import { created, dropped, ended, joined, line, numbered, opened, START, warned } from '../testing/log-writer.js';
import { rowChange } from './row-change.js';

describe('rowChange', () => {
  it('[ST30] finds nothing to change in what a message brings', () => {
    const events = numbered([line('hello'), warned('x'), joined(), joined({ role: 'attached', user_id: 'u' })], 1, 1);
    expect(rowChange(events)).toBeUndefined();
  });

  it('[ST30] folds a whole beginning into one row', () => {
    const bodies = [
      { ...created('conv_1'), app_metadata: { a: 1 }, user_id: 'backend' },
      joined({ user_id: 'client' }),
      opened,
      line('hi'),
    ];
    expect(rowChange(numbered(bodies, 1, 1))).toEqual({
      created: { workspaceId: 'ws_1', agentId: 'agent_1', agentHash: 'hash_1', begun: 'api', userIdVerified: false, at: START },
      status: 'open',
      openedAt: START,
      appMetadata: '{"a":1}',
      userId: 'backend',
    });
  });

  it('[ST30] keeps the last status and the end of an append', () => {
    expect(rowChange(numbered([dropped], 1, 9))).toEqual({ status: 'dropped' });
    const end = { at: START, reason: 'ended_by_api', status: 'done' };
    expect(rowChange(numbered([dropped, opened, ended], 1, 9))).toEqual({ status: 'ended', openedAt: START, ended: end });
  });
});
