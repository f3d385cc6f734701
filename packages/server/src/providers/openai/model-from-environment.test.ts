import { expect, it } from 'vitest';
import { silentLog } from '../../lib/log.js';
import { baseUrl, type ModelSettings, modelFromEnvironment } from './model-from-environment.js';

const nameOf = (settings: ModelSettings): string | undefined =>
  modelFromEnvironment(settings, { decode: () => ({}), log: silentLog })?.name;

it('[TN46] takes the model at BACKCHANNEL_LLM_URL, else OpenAI’s where there is a key, else none', () => {
  expect(nameOf({})).toBeUndefined();
  expect(nameOf({ BACKCHANNEL_LLM_URL: '', OPENAI_API_KEY: '' })).toBeUndefined();
  expect(nameOf({ BACKCHANNEL_LLM_URL: 'http://127.0.0.1:11434/v1', BACKCHANNEL_LLM_MODEL: 'qwen3' })).toBe('qwen3');
  expect(nameOf({ BACKCHANNEL_LLM_URL: 'http://127.0.0.1:11434/v1', OPENAI_API_KEY: 'sk' })).toBe('default');
  expect(nameOf({ OPENAI_API_KEY: 'sk' })).toBe('gpt-4o-mini');
  expect(nameOf({ OPENAI_API_KEY: 'sk', BACKCHANNEL_LLM_MODEL: 'gpt-4.1' })).toBe('gpt-4.1');
});

it('[TN46] understands the address as people have it', () => {
  expect(baseUrl('http://127.0.0.1:8000')).toBe('http://127.0.0.1:8000/v1');
  expect(baseUrl('http://127.0.0.1:8000/v1/')).toBe('http://127.0.0.1:8000/v1');
  expect(baseUrl('https://x.test/openai/v1/chat/completions')).toBe('https://x.test/openai/v1');
});
