import { describe, expect, it } from 'vitest';
import { closeReason } from '../errors.js';
import { fillDefaults } from './agent-config.js';
import { applyOverrides, checkOverrides, misplacedInInit } from './overrides.js';

const agent = (permitted: Record<string, unknown> = {}) =>
  fillDefaults({
    conversation_config: { agent: { first_message: 'Hi', language: 'en', prompt: { prompt: 'Be brief.' } } },
    platform_settings: { overrides: { conversation_config_override: permitted } },
  });

const SWITCH = 'platform_settings.overrides.conversation_config_override';

describe('an override', () => {
  it('[WP24] that asks for nothing or for the agent’s own value is none', () => {
    const asking = [
      undefined,
      null,
      {},
      { agent: {}, tts: {}, conversation: {} },
      { agent: { prompt: {}, first_message: null, language: undefined }, tts: null },
      {
        agent: { first_message: 'Hi', language: 'en', prompt: { prompt: 'Be brief.', tool_ids: [], knowledge_base: [] } },
        asr: { keywords: [] },
      },
    ];
    for (const override of asking) expect(checkOverrides(agent(), override)).toEqual({ ok: true, overrides: {}, ignored: [] });
  });

  it('[WP24] that is an empty text is none, but where the agent permits to say nothing', () => {
    const empty = { agent: { first_message: '', language: '', prompt: { llm: '' } }, tts: { voice_id: '' } };
    expect(checkOverrides(agent(), empty)).toEqual({ ok: true, overrides: {}, ignored: [] });
    const permitted = agent({ agent: { first_message: true, language: true }, tts: { voice_id: true } });
    expect(checkOverrides(permitted, empty)).toMatchObject({ ok: true, overrides: { agent: { first_message: '' } } });
  });

  it('[WP25] that the agent permits takes effect, and only what differs', () => {
    const config = agent({ agent: { first_message: true, prompt: { prompt: true } } });
    const check = checkOverrides(config, { agent: { first_message: '', language: 'en', prompt: { prompt: 'Be long.', llm: null } } });
    expect(check).toEqual({ ok: true, overrides: { agent: { first_message: '', prompt: { prompt: 'Be long.' } } }, ignored: [] });
    const applied = applyOverrides(config, check.ok ? check.overrides : {});
    expect(applied.agent).toMatchObject({ first_message: '', language: 'en', prompt: { prompt: 'Be long.', llm: 'gemini-2.5-flash' } });
    expect(config.conversation_config.agent.first_message).toBe('Hi');
    expect(applyOverrides(config, undefined)).toBe(config.conversation_config);
  });

  it('[WP25] that the agent does not permit is refused with its field and the switch to turn', () => {
    for (const permitted of [
      {},
      { agent: {} },
      { agent: { first_message: false } },
      { agent: { first_message: 'true' } },
      { agent: true },
    ]) {
      expect(checkOverrides(agent(permitted), { agent: { first_message: 'Yo' } })).toEqual({
        ok: false,
        field: 'agent.first_message',
        fields: ['agent.first_message'],
        permission: `${SWITCH}.agent.first_message`,
        message: `permit agent.first_message in ${SWITCH}`,
      });
    }
    expect(checkOverrides(agent(), { tts: { voice_id: 'v' } })).toMatchObject({ ok: false, field: 'tts.voice_id' });
    expect(checkOverrides(agent(), { asr: { keywords: ['x'] } })).toMatchObject({ ok: false, field: 'asr.keywords' });
  });

  it('[WP25] fits its refusal into a close reason, however many fields are refused', () => {
    const override = { agent: { first_message: 'Yo', language: 'de', prompt: { prompt: 'x', llm: 'y' } } };
    const two = checkOverrides(agent(), { agent: { first_message: 'Yo', language: 'de' } });
    expect(two).toMatchObject({ message: `permit agent.first_message, agent.language in ${SWITCH}` });
    const four = checkOverrides(agent(), override);
    expect(four).toMatchObject({ message: `permit agent.first_message, agent.language +2 in ${SWITCH}` });
    for (const check of [two, four]) expect(closeReason('override_error', check.ok ? '' : check.message)).toContain(SWITCH);
  });

  it('[WP26] of text_only is permitted by every agent, in both places', () => {
    const expected = { ok: true, overrides: { conversation: { text_only: true } }, ignored: [] };
    expect(checkOverrides(agent(), { conversation: { text_only: true } })).toEqual(expected);
    expect(checkOverrides(agent(), { text_only: true })).toEqual(expected);
    expect(checkOverrides(agent(), { text_only: false })).toEqual({ ok: true, overrides: {}, ignored: [] });
  });

  it('[WP27] that stands one level wrong is named, not refused and not silently dropped', () => {
    const override = { first_message: 'Yo', agent: { llm: 'x', agent: { language: 'de' } } };
    expect(checkOverrides(agent(), override)).toEqual({
      ok: true,
      overrides: {},
      ignored: ['first_message', 'agent.llm', 'agent.agent.language'],
    });
    expect(
      misplacedInInit({
        type: 'conversation_initiation_client_data',
        agent: { first_message: 'Yo' },
        tts: {},
        conversation_config_override: override,
      }),
    ).toEqual([
      'agent',
      'conversation_config_override.first_message',
      'conversation_config_override.agent.llm',
      'conversation_config_override.agent.agent.language',
    ]);
    const js = {
      conversation_config_override: { agent: {}, tts: {}, conversation: { text_only: true } },
      source_info: { source: 'js_sdk' },
    };
    expect(misplacedInInit(js)).toEqual([]);
    expect(misplacedInInit({ conversation_config_override: { text_only: true } })).toEqual([]);
  });
});
