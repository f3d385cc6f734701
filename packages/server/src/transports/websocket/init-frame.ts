import { isObject, parseJson } from '@backchannel/protocol';
import { misplacedInInit } from '@backchannel/protocol/convai';

const NAME = 'conversation_initiation_client_data';

type Init = Readonly<Record<string, unknown>>;

/** What the client should be told about an init that was taken: nothing, or which of its fields were not. */
export function ignoredOf(init: Init): string | undefined {
  const paths = misplacedInInit(init);
  if (paths.length === 0) return undefined;
  return `Ignored in ${NAME}, because it means nothing there: ${paths.join(', ')}. What concerns the agent belongs under conversation_config_override.agent.`;
}

/**
 * True for a frame that was meant as an init and is none that can be read: a field of the wrong kind, or the
 * whole of it one level too deep. Only asked about frames that were refused.
 */
export function meantAsInit(text: string): boolean {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) return false;
  return parsed.value.type === NAME || NAME in parsed.value || `${NAME}_event` in parsed.value;
}

/** Text was asked for in one of the two places that official clients use. Without it a client is a voice client. */
export function asksForTextOnly(init: Init | undefined): boolean {
  const override = init?.conversation_config_override;
  if (!isObject(override)) return false;
  return override.text_only === true || (isObject(override.conversation) && override.conversation.text_only === true);
}

/** What a client calls itself in the init, for those that leave it out of the address. */
export function sourceInfoOf(init: Init | undefined): { readonly source?: unknown; readonly version?: unknown } {
  return isObject(init?.source_info) ? init.source_info : {};
}
