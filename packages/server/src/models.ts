import { parseJson } from '@backchannel/protocol';
import type { Environment } from './environment.js';
import type { Log } from './lib/log.js';
import { BuiltinLanguageModel } from './providers/builtin/builtin-language-model.js';
import { loadBrain } from './providers/builtin/load-brain.js';
import { chooseModel } from './providers/choose-model.js';
import type { LanguageModel } from './providers/language-model.js';

/** Which model answers for an agent here, and what there is to say about it. */
export type ModelChoice = {
  /** In words, for the start. */
  readonly name: string;
  readonly modelFor: (llm: string) => LanguageModel;
  readonly warningsFor: (llm: string) => readonly { readonly code: string; readonly message: string }[];
};

/** The configured model answers for every agent but those that ask for the built-in brain; without one the brain answers for all. */
export async function chooseModels(env: Environment, log: Log): Promise<ModelChoice> {
  const brain = new BuiltinLanguageModel(loadBrain(env.BACKCHANNEL_BRAIN));
  const configured = await configuredModel(env, log);
  const choose = (llm: string) => chooseModel(llm, { configured, brain });
  return {
    name:
      configured === undefined
        ? 'builtin (rules, no key; set BACKCHANNEL_LLM_URL for a real one)'
        : `${configured.name}; builtin for agents that ask for it`,
    modelFor: (llm) => choose(llm).model,
    warningsFor: (llm) => [choose(llm).warning ?? []].flat(),
  };
}

/** The client of the endpoint is loaded only where one is named: it would be a third of what a start loads. */
async function configuredModel(env: Environment, log: Log): Promise<LanguageModel | undefined> {
  if (!env.BACKCHANNEL_LLM_URL && !env.BACKCHANNEL_LLM_KEY && !env.OPENAI_API_KEY) return undefined;
  const { modelFromEnvironment } = await import('./providers/openai/model-from-environment.js');
  const decode = (text: string): unknown => {
    const parsed = parseJson(text);
    return parsed.ok ? parsed.value : undefined;
  };
  return modelFromEnvironment(env, { decode, log });
}
