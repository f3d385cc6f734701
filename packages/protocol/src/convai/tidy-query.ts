/** What ElevenLabs' list of conversations can be narrowed by, and there is no data for here. */
export const UNSERVED_OF_CONVERSATIONS: readonly string[] = [
  'visited_agent_ids',
  'visited_agent_branch_ids',
  'triggered_procedure_ids',
  'evaluation_params',
  'data_collection_params',
  'dynamic_variable_params',
  'data_collection_ids',
  'evaluation_criteria_ids',
  'tool_names',
  'tool_names_successful',
  'tool_names_errored',
  'include_invalid_tool_calls',
  'main_languages',
  'search',
  'conversation_product_type',
  'branch_id',
  'version_id',
  'parent_conversation_id',
  'topic_ids',
  'tag_ids',
  'workflow_node_entered_id',
  'guardrail_types',
  'custom_guardrail_names',
];

export const UNSERVED_OF_AGENTS: readonly string[] = ['created_by_user_id'];

/** How many parameters that nobody knows are named. */
const MOST_NAMED = 20;
/** Of a name that came from outside. */
const NAME_LENGTH = 100;

export type QueryRules = {
  readonly known: readonly string[];
  /** Those that may be repeated. */
  readonly lists: readonly string[];
  readonly unserved: readonly string[];
  /** Names that begin so are known as well. */
  readonly prefix?: string;
};

/**
 * A query as its schema expects it: what may be repeated is a list, of anything else that was repeated the last counts. The warnings
 * name what narrows nothing.
 */
export function tidyQuery(query: unknown, rules: QueryRules): { readonly query: object; readonly warnings: readonly string[] } {
  const tidy = new Map<string, unknown>();
  const warnings: string[] = [];
  // A parsed query string: an object of texts and lists of texts.
  for (const [name, value] of Object.entries(query as Readonly<Record<string, string | string[]>>)) {
    const shown = name.slice(0, NAME_LENGTH);
    const values = [value].flat();
    if (rules.unserved.includes(name)) warnings.push(`${shown} is not applied: there is no such data here.`);
    else if (!rules.known.includes(name) && !(rules.prefix !== undefined && name.startsWith(rules.prefix)))
      warnings.push(`${shown} is not a parameter of this list.`);
    else if (rules.lists.includes(name)) tidy.set(name, values);
    else {
      tidy.set(name, values.at(-1));
      if (values.length > 1) warnings.push(`${shown} was sent ${values.length} times; the last one counts.`);
    }
  }
  return { query: Object.fromEntries(tidy), warnings: warnings.slice(0, MOST_NAMED) };
}
