import { expect, it } from 'vitest';
import { ScriptedLanguageModel } from '../testing/scripted-language-model.js';
import { chooseModel } from './choose-model.js';

const brain = new ScriptedLanguageModel('builtin');
const configured = new ScriptedLanguageModel('qwen3');

it('[TN47] serves the brain where it is asked for, and the configured model where it is named', () => {
  expect(chooseModel('builtin', { configured, brain })).toEqual({ model: brain });
  expect(chooseModel('qwen3', { configured, brain })).toEqual({ model: configured });
});

it('[TN47] serves any other llm by the configured model, else the brain, and says so', () => {
  const one = chooseModel('gemini-2.5-flash', { configured, brain });
  expect(one.model).toBe(configured);
  expect(one.warning).toEqual({
    code: 'llm_not_served',
    message: expect.stringMatching(/^llm 'gemini-2\.5-flash' is not served here; qwen3 answers instead\. Set /),
  });
  const other = chooseModel('custom-llm', { configured: undefined, brain });
  expect(other.model).toBe(brain);
  expect(other.warning?.message).toMatch(
    /^llm 'custom-llm' is not served here; the built-in brain \(rules, not a language model\) answers instead\. Set /,
  );
});
