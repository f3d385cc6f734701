import { parseJson } from '@backchannel/protocol';
import type { Environment } from './environment.js';
import type { Log } from './lib/log.js';
import { BuiltinLanguageModel } from './providers/builtin/builtin-language-model.js';
import { loadBrain } from './providers/builtin/load-brain.js';
import type { LanguageModel } from './providers/language-model.js';
import { OpenAiLanguageModel } from './providers/openai/openai-language-model.js';

/** Which model answers for an agent here, and what there is to say about it. */
export type ModelChoice = {
  /** In words, for the start. */
  readonly name: string;
  readonly modelFor: (llm: string) => LanguageModel;
  readonly warningsFor: (llm: string) => readonly { readonly code: string; readonly message: string }[];
};

const OPENAI_URL = 'https://api.openai.com/v1';
const OPENAI_MODEL = 'gpt-4o-mini';

/** The configured model answers for every agent but those that ask for the built-in brain; without one the brain answers for all. */
export function chooseModels(env: Environment, log: Log): ModelChoice {
  const brain = new BuiltinLanguageModel(loadBrain(env.BACKCHANNEL_BRAIN));
  const configured = configuredModel(env, log);
  const modelFor = (llm: string): LanguageModel => (llm === 'builtin' ? brain : (configured ?? brain));
  const served = (llm: string): boolean => llm === 'builtin' || llm === configured?.name;
  return {
    name:
      configured === undefined
        ? 'builtin (rules, no key; set BACKCHANNEL_LLM_URL for a real one)'
        : `${configured.name}; builtin for agents that ask for it`,
    modelFor,
    warningsFor: (llm) =>
      served(llm)
        ? []
        : [{ code: 'llm_not_served', message: `The llm "${llm}" is not served here; ${modelFor(llm).name} answers instead.` }],
  };
}

function configuredModel(env: Environment, log: Log): LanguageModel | undefined {
  const url = env.BACKCHANNEL_LLM_URL ?? (env.OPENAI_API_KEY === undefined ? undefined : OPENAI_URL);
  if (url === undefined) return undefined;
  const key = env.BACKCHANNEL_LLM_KEY ?? (env.BACKCHANNEL_LLM_URL === undefined ? (env.OPENAI_API_KEY ?? '') : '');
  const decode = (text: string): unknown => {
    const parsed = parseJson(text);
    return parsed.ok ? parsed.value : undefined;
  };
  return new OpenAiLanguageModel({ url, key, model: env.BACKCHANNEL_LLM_MODEL ?? OPENAI_MODEL, decode, log });
}
