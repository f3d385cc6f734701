import type { ModelRequest, ModelTool, PromptMessage } from '../../providers/language-model.js';
import { NEUTRAL_LINES } from '../../providers/neutral-lines.js';
import type { WindowContext, WindowLine, WindowView } from './window.js';

export type PromptParts = {
  /** The agent's own prompt, variables filled in. */
  readonly prompt: string;
  readonly view: WindowView;
  /** For this reply only. */
  readonly instructions: readonly string[];
  readonly tools: readonly ModelTool[];
  readonly temperature?: number;
  readonly maxTokens?: number;
  /** No neutral user lines: for servers that take an agent's line first or last. */
  readonly loose: boolean;
};

const BACKGROUND = 'Background from the application (the user did not say it):';
const INSTRUCTION = 'For your next reply only (the user does not see this):';

/**
 * What a model is shown. Many servers refuse, or misread, anything but one leading system message and then
 * user and assistant in turn, so that is what they get; every text of the window stands in it once.
 */
export function buildPrompt(parts: PromptParts): Omit<ModelRequest, 'signal'> {
  const { prompt, view, instructions, tools, temperature, maxTokens, loose } = parts;
  const turns = merge([...view.lines, ...view.unanswered]);
  return {
    messages: [{ role: 'system', content: systemText(prompt, view.contexts, instructions) }, ...(loose ? turns : alternate(turns))],
    prompt,
    contexts: view.contexts,
    instructions,
    tools,
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
}

function systemText(prompt: string, contexts: readonly WindowContext[], instructions: readonly string[]): string {
  const parts = [prompt.trim()];
  if (contexts.length > 0)
    parts.push([BACKGROUND, ...contexts.map(({ id, text }) => (id === undefined ? `- ${text}` : `- [${id}] ${text}`))].join('\n'));
  if (instructions.length > 0) parts.push([INSTRUCTION, ...instructions.map((text) => `- ${text}`)].join('\n'));
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Neighbours of one role become one message. */
function merge(lines: readonly WindowLine[]): PromptMessage[] {
  const turns: { role: 'user' | 'assistant'; texts: string[] }[] = [];
  for (const { role: speaker, text } of lines) {
    const role = speaker === 'user' ? 'user' : 'assistant';
    const last = turns.at(-1);
    if (last?.role === role) last.texts.push(text);
    else turns.push({ role, texts: [text] });
  }
  return turns.map(({ role, texts }) => ({ role, content: texts.join('\n') }));
}

/** A user's turn first and last: templates count on both, and an assistant's line at the end would be continued. */
function alternate(turns: readonly PromptMessage[]): PromptMessage[] {
  const opened: PromptMessage[] =
    turns[0]?.role === 'assistant' ? [{ role: 'user', content: NEUTRAL_LINES.opening }, ...turns] : [...turns];
  if (opened.at(-1)?.role !== 'user') opened.push({ role: 'user', content: NEUTRAL_LINES.silence });
  return opened;
}
