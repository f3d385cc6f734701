import { type AgentConfig, fillDefaults } from '@backchannel/protocol/convai';
import { describe, expect, it } from 'vitest';
import { agentSetup } from './agent-prompt.js';

const began = { agentId: 'agent_a', conversationId: 'conv_a', createdAt: Date.UTC(2030, 0, 2, 9, 30) };
const setup = (agent: AgentConfig, init = {}) => agentSetup(fillDefaults({ conversation_config: { agent } }), { ...began, init });

describe('agentSetup', () => {
  it('[TN5] fills the prompt from placeholders, the client’s variables and the server’s own, which nobody overrules', () => {
    const prompt = { prompt: '{{a}} {{b}} {{system__agent_id}} {{system__conversation_id}} {{system__time_utc}} {{system__agent_turns}}.' };
    const placeholders = { dynamic_variable_placeholders: { a: 'A', b: 'B' } };
    const { prompt: filled } = setup(
      { prompt, dynamic_variables: placeholders },
      { dynamic_variables: { b: 'b', system__agent_id: 'forged' } },
    );
    expect(filled).toBe('A b agent_a conv_a 2030-01-02T09:30:00.000Z 0.');
  });

  it('[TN5] tells the time of the agent’s time zone, and UTC where there is no such zone', () => {
    const at = (timezone: string) => setup({ prompt: { prompt: '{{system__time}}', timezone } }).prompt;
    expect(at('Europe/Berlin')).toContain('10:30');
    expect(at('Nowhere/None')).toContain('09:30');
  });

  it('[TN5] never shows a secret, and leaves the place of what has no value empty', () => {
    const { prompt } = setup({ prompt: { prompt: 'x{{secret__key}}{{unknown}}y' } }, { dynamic_variables: { secret__key: 'hidden' } });
    expect(prompt).toBe('xy');
  });

  it('[TN6] names another language than English, and has a prompt where the agent has none', () => {
    expect(setup({}).prompt).toBe('You are a helpful assistant.');
    expect(setup({ language: 'de' }).prompt).toBe('You are a helpful assistant.\n\nAnswer in German.');
    expect(setup({ prompt: { prompt: 'P.' } }, { overrides: { agent: { language: '%%' } } }).prompt).toBe(
      'P.\n\nAnswer in the language "%%".',
    );
  });

  it('[TN7] offers end_call only where the agent has it, under either spelling', () => {
    expect(setup({}).endCall).toBe(false);
    expect(setup({ prompt: { built_in_tools: { end_call: {} } } }).endCall).toBe(true);
    expect(setup({ prompt: { tools: [{ type: 'system', name: 'end_call' }] } }).endCall).toBe(true);
    expect(setup({ prompt: { tools: [{ type: 'client', name: 'end_call' }] } }).endCall).toBe(false);
  });
});
