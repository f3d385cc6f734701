import { type Init, type Refusal, refuse } from '@backchannel/protocol';
import {
  applyOverrides,
  checkOverrides,
  conversationVariables,
  type DynamicVariables,
  type FullAgentConfig,
  fillVariables,
  measureVariables,
  PROMPT_BYTES,
  TEXT_BYTES,
  utf8Length,
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
  const texts = [
    { field: 'agent.first_message', most: TEXT_BYTES, ...sizeOf(agent.first_message, variables) },
    { field: 'agent.prompt.prompt', most: PROMPT_BYTES, ...sizeOf(agent.prompt.prompt, variables) },
    { field: 'agent.max_conversation_duration_message', most: TEXT_BYTES, ...sizeOf(agent.max_conversation_duration_message, {}) },
  ];
  const long = texts.find(({ bytes, most }) => bytes > most);
  if (long !== undefined) return refuseLong(long);
  const missing = [...new Set(texts.slice(0, 2).flatMap((text) => text.missing))];
  if (missing.length > 0) return refuseMissing(missing);
  const greeting = fillVariables(agent.first_message, variables, TEXT_BYTES) ?? '';
  const kept = withoutSecrets(given);
  return {
    ok: true,
    ignored: check.ignored,
    init: {
      ...(Object.keys(check.overrides).length === 0 ? {} : { overrides: check.overrides }),
      ...(Object.keys(kept).length === 0 ? {} : { dynamic_variables: kept }),
      ...(greeting === '' ? {} : { first_message: greeting }),
    },
  };
}

/** A name may be as long as the text in which it stands, and there may be as many. */
const MOST_MISSING = 50;
const LONGEST_NAME = 100;

/** As it stands there or as it becomes, whichever is longer. */
function sizeOf(template: string, variables: DynamicVariables): { readonly bytes: number; readonly missing: readonly string[] } {
  const { bytes, missing } = measureVariables(template, variables);
  return { bytes: Math.max(bytes, utf8Length(template)), missing };
}

/** By the numbers, since no part of such a text was built. */
function refuseLong({ field, bytes, most }: { readonly field: string; readonly bytes: number; readonly most: number }): Refusal {
  return refuse('invalid_request', { message: `${field} has ${bytes} bytes, variables included; ${most} are the most`, param: field });
}

function refuseMissing(all: readonly string[]): Refusal {
  const names = all.slice(0, MOST_MISSING).map((name) => name.slice(0, LONGEST_NAME));
  return refuse('missing_dynamic_variable', {
    message: `give ${names.join(', ')} in dynamic_variables`,
    problems: names.map((name) => ({
      loc: ['body', 'dynamic_variables', name],
      msg: `The agent’s texts need the variable ${name}.`,
      type: 'missing',
    })),
  });
}
