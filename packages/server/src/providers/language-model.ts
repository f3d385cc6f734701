/** The language-model port: a prompt in, a stream of text pieces and at most one tool call out. */

export type PromptMessage = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string };

export type ModelTool = {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
};

export type ModelRequest = {
  /** As a model is shown it: one leading system message, then alternating turns. */
  readonly messages: readonly PromptMessage[];
  /** The agent's own prompt apart, without what was added to it; for models that are not prompted with prose. */
  readonly prompt: string;
  /** The same background apart, for models that are not prompted with prose. Oldest first; `id` only where it has a key. */
  readonly contexts: readonly { readonly id?: string; readonly text: string }[];
  readonly instructions: readonly string[];
  readonly tools: readonly ModelTool[];
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly signal: AbortSignal;
};

export type ModelPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_call'; readonly id: string; readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }
  | { readonly type: 'usage'; readonly input_tokens: number; readonly output_tokens: number };

export interface LanguageModel {
  /** What served the reply, for logs and `turn.ended.model`. */
  readonly name: string;
  /** Ends normally when the reply is complete; throws when the model fails. Stops soon after `signal` aborts. */
  stream(request: ModelRequest): AsyncIterable<ModelPart>;
}
