import { CLIENT_MESSAGES } from '@backchannel/protocol/convai';
import { describe, expect, it } from 'vitest';
import { readAsk } from './client-ask.js';
import { EVENT_POLICY } from './event-policy.js';

/** One good frame of each type. */
const FRAMES: Readonly<Record<string, object>> = {
  conversation_initiation_client_data: {},
  enclave_setup_config: {},
  pong: { event_id: 1 },
  user_message: { text: 'Hello' },
  user_activity: {},
  contextual_update: { text: 'It rains' },
  multimodal_message: { text: { text: 'Look' } },
  feedback: { event_id: 1, score: 'like' },
  client_tool_result: { tool_call_id: 'x', result: 'y', is_error: false },
  mcp_tool_approval_result: { tool_call_id: 'x', is_approved: true },
  user_audio_chunk: { user_audio_chunk: 'AAAA' },
  unknown: {},
};
const ASKS: Readonly<Record<string, string>> = {
  user_message: 'message.send',
  multimodal_message: 'message.send',
  contextual_update: 'message.send',
  pong: 'client.pong',
  user_activity: 'client.activity',
  feedback: 'feedback.give',
};

describe('the policy of client events', () => {
  it('[AC33] every event of every role asks for what is declared, and nothing else', () => {
    expect(Object.keys(EVENT_POLICY).sort()).toEqual(Object.keys(FRAMES).sort());
    expect(Object.keys(EVENT_POLICY)).toEqual(expect.arrayContaining(Object.keys(CLIENT_MESSAGES)));
    let cells = 0;
    for (const [type, roles] of Object.entries(EVENT_POLICY)) {
      for (const role of ['user', 'attached'] as const) {
        const { command, complaint } = readAsk(Buffer.from(JSON.stringify({ type, ...FRAMES[type] })), false, 'sess_a', role);
        const may = roles.includes(role);
        expect([type, role, command?.type]).toEqual([type, role, may ? ASKS[type] : undefined]);
        if (!may) expect([type, role, complaint?.code]).toEqual([type, role, 'not_supported']);
        cells += 1;
      }
    }
    expect(cells).toBe(24);
  });
});
