import type { Log } from '../../lib/log.js';
import { OpenAiLanguageModel } from './openai-language-model.js';

/** The settings that name a model; an empty one counts as not set. */
export type ModelSettings = {
  readonly BACKCHANNEL_LLM_URL?: string | undefined;
  readonly BACKCHANNEL_LLM_KEY?: string | undefined;
  readonly BACKCHANNEL_LLM_MODEL?: string | undefined;
  readonly OPENAI_API_KEY?: string | undefined;
};

const OPENAI_URL = 'https://api.openai.com/v1';
const OPENAI_MODEL = 'gpt-4o-mini';
/** Servers with one model only take any name. */
const ANY_MODEL = 'default';

/** The model that the environment names: at BACKCHANNEL_LLM_URL, else at OpenAI if there is a key for it, else none. */
export function modelFromEnvironment(
  settings: ModelSettings,
  { decode, log }: { readonly decode: (text: string) => unknown; readonly log: Log },
): OpenAiLanguageModel | undefined {
  const { BACKCHANNEL_LLM_URL: url, BACKCHANNEL_LLM_KEY: key, BACKCHANNEL_LLM_MODEL: model, OPENAI_API_KEY: openAiKey } = settings;
  if (url) return new OpenAiLanguageModel({ url: baseUrl(url), key: key ?? '', model: model || ANY_MODEL, decode, log });
  const cloudKey = key || openAiKey;
  if (cloudKey) return new OpenAiLanguageModel({ url: OPENAI_URL, key: cloudKey, model: model || OPENAI_MODEL, decode, log });
  return undefined;
}

/** People paste what they have: the whole address of the endpoint, or only where the server is. */
export function baseUrl(text: string): string {
  const url = new URL(text);
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1';
  return url.href.replace(/\/$/, '');
}
