import {
  AgentAnswer,
  AgentCreated,
  AgentListAnswer,
  CreateAgentBody,
  EmptyAnswer,
  ListAgentsQuery,
  PatchAgentBody,
} from '@backchannel/protocol/convai';
import type { Operation } from '../operation.js';

export const CREATE_AGENT: Operation = {
  id: 'createAgent',
  tag: 'agents',
  summary: 'Create an agent',
  body: {
    schema: CreateAgentBody,
    example: {
      name: 'Parcels',
      conversation_config: { agent: { first_message: 'Hello!', prompt: { prompt: 'You help.', llm: 'builtin' } } },
    },
  },
  answers: { 200: { description: 'Created.', schema: AgentCreated } },
  errors: ['agent_url_refused'],
  idempotent: true,
};

export const LIST_AGENTS: Operation = {
  id: 'listAgents',
  tag: 'agents',
  summary: 'Find agents',
  description: 'Newest first unless `sort_by` and `sort_direction` say otherwise. What was not applied is named in `warnings`.',
  query: ListAgentsQuery,
  answers: { 200: { description: 'A page.', schema: AgentListAnswer } },
  errors: ['invalid_cursor', 'invalid_request'],
};

export const GET_AGENT: Operation = {
  id: 'getAgent',
  tag: 'agents',
  summary: 'Read an agent',
  answers: { 200: { description: 'The agent with every default in place.', schema: AgentAnswer } },
  errors: ['agent_not_found'],
};

export const PATCH_AGENT: Operation = {
  id: 'patchAgent',
  tag: 'agents',
  summary: 'Change an agent',
  description: 'Objects are merged, lists replaced, null resets to the default. Conversations that have begun go on as they were.',
  body: { schema: PatchAgentBody, example: { conversation_config: { agent: { first_message: 'Good day.' } } } },
  answers: { 200: { description: 'The agent as it is now.', schema: AgentAnswer } },
  errors: ['agent_not_found', 'agent_url_refused'],
};

export const DELETE_AGENT: Operation = {
  id: 'deleteAgent',
  tag: 'agents',
  summary: 'Delete an agent',
  description: 'Its conversations go on.',
  answers: { 200: { description: 'Deleted.', schema: EmptyAnswer } },
  errors: ['agent_not_found'],
};
