import type { FullAgentConfig } from '@backchannel/protocol/convai';
import type { Engine, EngineHost, EngineSession } from '../../conversation/engine.js';
import type { ConversationRecord } from '../../conversation/record.js';
import type { LanguageModel } from '../../providers/language-model.js';
import { agentSetup } from './agent-prompt.js';
import { type NativeLimits, NativeSession } from './native-session.js';

export type NativeOptions = {
  readonly config: FullAgentConfig;
  /** The model that serves an agent's `llm` here; an override may name another one than the agent. */
  readonly modelFor: (llm: string) => LanguageModel;
  readonly limits: NativeLimits;
  /** See `PromptParts.loose`. */
  readonly loose?: boolean;
};

/** The engine of agents whose language model we call ourselves. One object an agent configuration. */
export class NativeEngine implements Engine {
  readonly can = { turns: 'conversation', verbatim: true, instruct: true, context: true, interrupt: true } as const;

  constructor(private readonly options: NativeOptions) {}

  start(host: EngineHost, record: ConversationRecord): EngineSession {
    const { config, modelFor, limits, loose = false } = this.options;
    const setup = agentSetup(config, record);
    return new NativeSession(host, record, { setup, model: modelFor(setup.llm), limits, loose });
  }
}
