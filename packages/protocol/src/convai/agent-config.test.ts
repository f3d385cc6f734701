import { describe, expect, it } from 'vitest';
import { AGENT_DEFAULTS, CreateAgentBody, fillDefaults, newConfig, PatchAgentBody } from './agent-config.js';
import { toAgentListItem, toAgentResponse } from './agent-response.js';
import { mergeConfig, sameJson } from './config-merge.js';
import { readBy } from './problems.js';

const body = {
  name: 'Parcels',
  conversation_config: {
    agent: {
      first_message: 'Hello {{name}}',
      language: null,
      prompt: { prompt: 'Be brief.', llm: 'builtin', built_in_tools: { end_call: { type: 'system', name: 'end_call' }, skip_turn: null } },
      hologram: { on: true },
    },
    conversation: { max_duration_seconds: 86_400 },
  },
  platform_settings: { auth: { enable_auth: true }, widget: { variant: 'tiny' } },
};

function stored(from: unknown) {
  const read = readBy(CreateAgentBody, from);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return newConfig(read.value);
}

describe('an agent’s configuration', () => {
  it('[WP21] is kept as it was given, without what is null, and read with the defaults', () => {
    const config = stored(body);
    expect(config).toEqual({
      ...body,
      conversation_config: {
        ...body.conversation_config,
        agent: {
          first_message: 'Hello {{name}}',
          prompt: { prompt: 'Be brief.', llm: 'builtin', built_in_tools: { end_call: { type: 'system', name: 'end_call' } } },
          hologram: { on: true },
        },
      },
    });
    const full = fillDefaults(config);
    expect(full.conversation_config.agent).toMatchObject({
      language: 'en',
      hologram: { on: true },
      prompt: { temperature: 0, max_tokens: -1 },
    });
    expect(full.conversation_config.conversation).toMatchObject({
      text_only: false,
      max_duration_seconds: 86_400,
      monitoring_enabled: false,
    });
    expect(full.platform_settings).toMatchObject({ auth: { enable_auth: true, allowlist: [] }, widget: { variant: 'tiny' } });
    expect(fillDefaults({})).toEqual(AGENT_DEFAULTS);
  });

  it('[WP21] that is of the wrong kind is refused by its fields', () => {
    const read = readBy(CreateAgentBody, {
      conversation_config: { agent: { first_message: 1 }, conversation: { max_duration_seconds: 0 } },
      tags: 'x',
    });
    expect(read.ok ? [] : read.problems).toEqual([
      {
        loc: ['body', 'conversation_config', 'agent', 'first_message'],
        msg: 'Send conversation_config.agent.first_message as a string, not a number.',
        type: 'string_type',
      },
      {
        loc: ['body', 'conversation_config', 'conversation', 'max_duration_seconds'],
        msg: 'Send conversation_config.conversation.max_duration_seconds as a number above 0.',
        type: 'greater_than',
      },
      { loc: ['body', 'tags'], msg: 'Send tags as a list, not a string.', type: 'array_type' },
    ]);
    expect(readBy(CreateAgentBody, { name: 'x' })).toMatchObject({
      ok: false,
      problems: [{ loc: ['body', 'conversation_config'], type: 'missing' }],
    });
    expect(readBy(PatchAgentBody, { name: 'x' })).toMatchObject({ ok: true });
  });

  it('[WP22] is patched by merging objects, replacing lists and resetting what is null', () => {
    const before = { agent: { first_message: 'a', language: 'de', other: 1 }, keywords: ['a', 'b'], kept: true };
    const patch = { agent: { first_message: null, language: 'fr', added: { x: 1 } }, keywords: ['c'] };
    expect(mergeConfig(before, patch)).toEqual({ agent: { language: 'fr', other: 1, added: { x: 1 } }, keywords: ['c'], kept: true });
    expect(before.agent.first_message).toBe('a');
    expect(mergeConfig({ a: [1] }, { a: { b: { c: null } } })).toEqual({ a: { b: {} } });
  });

  it('[WP22] leaves prototypes alone, whatever a member is called', () => {
    const merged = mergeConfig({}, JSON.parse('{"a":{"__proto__":{"polluted":true}},"__proto__":{"polluted":true}}'));
    expect(Object.hasOwn(merged, '__proto__')).toBe(true);
    expect(merged.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('[WP22] is equal to another as JSON, whatever the order of its members', () => {
    expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
    for (const [a, b] of [
      [
        [1, 2],
        [2, 1],
      ],
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: undefined }, { b: 1 }],
      [[], {}],
      ['1', 1],
      [null, {}],
    ])
      expect(sameJson(a, b)).toBe(false);
  });

  it('[WP23] answers with every key that the official REST client asks for', () => {
    const row = {
      agentId: 'agent_1',
      name: 'Parcels',
      config: JSON.stringify(stored(body)),
      createdAt: 1_700_000_000_999,
      updatedAt: 1_700_000_100_000,
    };
    expect(toAgentResponse(row, ['llm "x" is not served here'])).toMatchObject({
      agent_id: 'agent_1',
      name: 'Parcels',
      conversation_config: { agent: { first_message: 'Hello {{name}}', language: 'en' }, tts: { voice_id: 'cjVigY5qzO86Huf0OWal' } },
      metadata: { created_at_unix_secs: 1_700_000_000, updated_at_unix_secs: 1_700_000_100 },
      platform_settings: { auth: { enable_auth: true } },
      access_info: { is_creator: true, creator_name: '', creator_email: '', role: 'admin' },
      tags: [],
      warnings: ['llm "x" is not served here'],
    });
    expect(toAgentListItem(row)).toEqual({
      agent_id: 'agent_1',
      name: 'Parcels',
      voice_id: 'cjVigY5qzO86Huf0OWal',
      tags: [],
      created_at_unix_secs: 1_700_000_000,
      updated_at_unix_secs: 1_700_000_100,
      access_info: { is_creator: true, creator_name: '', creator_email: '', role: 'admin' },
      last_call_time_unix_secs: null,
      archived: false,
    });
  });
});
