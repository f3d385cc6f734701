import { fillDefaults } from '@backchannel/protocol/convai';
import { describe, expect, it } from 'vitest';
import { initiate } from './initiation.js';

const BEGINNING = { agentId: 'agent_1', conversationId: 'conv_1', createdAt: 0 };
const permitted = { agent: { first_message: true, prompt: { prompt: true } } };
const begin = (agent: object, wishes: Parameters<typeof initiate>[2]): ReturnType<typeof initiate> =>
  initiate(
    fillDefaults({
      conversation_config: { agent },
      platform_settings: { overrides: { conversation_config_override: permitted } },
    }),
    BEGINNING,
    wishes,
  );

describe('what a conversation begins with', () => {
  const dynamicVariables = { x: 'é'.repeat(4_096) };

  it('[HC15] is a greeting up to its limit, and none above it', () => {
    const answer = begin({ first_message: '{{x}}{{x}}' }, { dynamicVariables });
    expect(answer).toMatchObject({ ok: true, init: { first_message: 'é'.repeat(8_192) } });
    expect(begin({}, { dynamicVariables, override: { agent: { first_message: '{{x}}{{x}}!' } } })).toEqual({
      ok: false,
      code: 'invalid_request',
      param: 'agent.first_message',
      message: 'agent.first_message has 16385 bytes, variables included; 16384 are the most',
    });
  });

  it('[HC15] is a prompt up to its limit, and none above it', () => {
    const most = '{{x}}'.repeat(32);
    expect(begin({ prompt: { prompt: most } }, { dynamicVariables }).ok).toBe(true);
    expect(begin({}, { dynamicVariables, override: { agent: { prompt: { prompt: `${most}!` } } } })).toMatchObject({
      code: 'invalid_request',
      param: 'agent.prompt.prompt',
      message: 'agent.prompt.prompt has 262145 bytes, variables included; 262144 are the most',
    });
  });

  it('[WP61] is refused with fifty of the names that are missing, none of them whole when it is long', () => {
    const names = Array.from({ length: 1_000 }, (_, at) => `{{${'n'.repeat(200)}${at}}}`);
    const refusal = begin({ prompt: { prompt: names.join(' ') } }, {});
    expect(refusal).toMatchObject({ ok: false, code: 'missing_dynamic_variable' });
    expect(refusal).toHaveProperty('problems.length', 50);
    expect(JSON.stringify(refusal).length).toBeLessThan(30_000);
  });
});
