import { type Init, type Refusal, refuse } from '@backchannel/protocol';
import {
  applyOverrides,
  checkOverrides,
  conversationVariables,
  type DynamicVariables,
  type FullAgentConfig,
  fillVariables,
  withoutSecrets,
} from '@backchannel/protocol/convai';
import { systemVariables } from './engine/native/agent-prompt.js';

/** What a client or a backend asks for when a conversation begins. */
export type Wishes = {
  readonly override?: Readonly<Record<string, unknown>> | null | undefined;
  readonly dynamicVariables?: DynamicVariables | null | undefined;
};

type Beginning = { readonly agentId: string; readonly conversationId: string; readonly createdAt: number };
type Initiated = { readonly ok: true; readonly init: Init; readonly ignored: readonly string[] } | Refusal;

/** Checks what is asked against what the agent permits, and fills the greeting. The prompt is filled by the engine. */
export function initiate(config: FullAgentConfig, beginning: Beginning, wishes: Wishes): Initiated {
  const check = checkOverrides(config, wishes.override);
  if (!check.ok) return refuse('override_error', { message: check.message, param: check.field });
  const { agent, conversation } = applyOverrides(config, check.overrides);
  const given = wishes.dynamicVariables ?? {};
  const variables = conversationVariables(
    agent.dynamic_variables.dynamic_variable_placeholders,
    given,
    systemVariables(beginning, { textOnly: conversation.text_only }),
  );
  const greeting = fillVariables(agent.first_message, variables);
  const missing = [...new Set([...greeting.missing, ...fillVariables(agent.prompt.prompt, variables).missing])];
  if (missing.length > 0) return refuseMissing(missing);
  const kept = withoutSecrets(given);
  return {
    ok: true,
    ignored: check.ignored,
    init: {
      ...(Object.keys(check.overrides).length === 0 ? {} : { overrides: check.overrides }),
      ...(Object.keys(kept).length === 0 ? {} : { dynamic_variables: kept }),
      ...(greeting.text === '' ? {} : { first_message: greeting.text }),
    },
  };
}

function refuseMissing(names: readonly string[]): Refusal {
  return refuse('missing_dynamic_variable', {
    message: `give ${names.join(', ')} in dynamic_variables`,
    problems: names.map((name) => ({
      loc: ['body', 'dynamic_variables', name],
      msg: `The agent’s texts need the variable ${name}.`,
      type: 'missing',
    })),
  });
}
