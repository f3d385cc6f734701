import type { LanguageModel } from './language-model.js';

/** An agent's `llm` for the key-less brain. */
export const BUILTIN = 'builtin';

export type Models = {
  /** From the environment, if one is set there. */
  readonly configured: LanguageModel | undefined;
  readonly brain: LanguageModel;
};

export type ModelChoice = {
  readonly model: LanguageModel;
  /** What the agent's owner is to be told, where another model answers than the agent names. */
  readonly warning?: { readonly code: 'llm_not_served'; readonly message: string };
};

/** Which model serves an agent's `llm` here: the brain if it is asked for, else the configured one, else the brain. */
export function chooseModel(llm: string, { configured, brain }: Models): ModelChoice {
  if (llm === BUILTIN) return { model: brain };
  if (configured === undefined)
    return { model: brain, warning: notServed(llm, 'the built-in brain (rules, not a language model)', WITHOUT) };
  return llm === configured.name ? { model: configured } : { model: configured, warning: notServed(llm, configured.name, WITH) };
}

const WITHOUT =
  'Set BACKCHANNEL_LLM_URL and BACKCHANNEL_LLM_MODEL, or OPENAI_API_KEY, for a language model, or the agent’s llm to "builtin".';
const WITH = 'Set the agent’s llm to that name, or BACKCHANNEL_LLM_MODEL to another one.';

const notServed = (llm: string, model: string, advice: string) =>
  ({ code: 'llm_not_served', message: `llm '${llm}' is not served here; ${model} answers instead. ${advice}` }) as const;
