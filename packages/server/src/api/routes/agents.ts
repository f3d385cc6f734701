import { hash } from 'node:crypto';
import { AGENT_ID, AppError, isObject, newAgentId, parseOwn, refuse } from '@backchannel/protocol';
import {
  type AgentConfig,
  CreateAgentBody,
  mergeConfig,
  newConfig,
  PatchAgentBody,
  toAgentFilter,
  toAgentListItem,
  toAgentResponse,
} from '@backchannel/protocol/convai';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AgentRow } from '../../store/store.js';
import { type Api, BASE } from '../api.js';
import { agentsWithin, callerOf, reachesAgent } from '../caller.js';
import { sendJson } from '../json-reply.js';
import { CREATE_AGENT, DELETE_AGENT, GET_AGENT, LIST_AGENTS, PATCH_AGENT } from '../operations/agents.js';
import { sendRefusal } from '../refusal-reply.js';
import { bodyOf, checkedBody } from '../request-body.js';

type OneAgent = { Params: { agent_id: string } };

const READ = { anyOf: ['agents:write', 'conversations:read'], reach: 'agents' } as const;
const WRITE = { anyOf: ['agents:write'], reach: 'agents' } as const;
const CREATE = { anyOf: ['agents:write'], reach: 'workspace', countsItself: true } as const;
const CREATE_PATH = `${BASE}/agents/create`;

/** Agents in ElevenLabs' shape: stored as they were given, completed with defaults when read. */
export function agentRoutes(app: FastifyInstance, api: Api): void {
  app.post(CREATE_PATH, { config: { policy: CREATE, operation: CREATE_AGENT } }, async (request, reply) => {
    const body = bodyOf(request);
    const { workspaceId } = callerOf(request);
    return api.posts.answer(request, reply, `POST ${CREATE_PATH}`, body, async (idPart) => {
      const config = newConfig(checkedBody(CreateAgentBody, body));
      refuseModelUrl(config);
      const agentId = idPart === undefined ? newAgentId() : `agent_${idPart}`;
      const now = api.clock.wall();
      const isMade = idPart !== undefined && (await api.store.agents.get(agentId)) !== undefined;
      if (!isMade) await api.store.agents.put(rowOf({ agentId, workspaceId, createdAt: now, updatedAt: now }, config));
      return { ok: true, status: 200, body: JSON.stringify({ agent_id: agentId }) };
    });
  });

  app.get(`${BASE}/agents`, { config: { policy: READ, operation: LIST_AGENTS } }, async (request, reply) => {
    const read = toAgentFilter(request.query);
    if (!read.ok) return sendRefusal(reply, read);
    const caller = callerOf(request);
    const agentIds = agentsWithin(caller, undefined);
    const within = agentIds && { agentIds };
    const { items, nextCursor } = await api.store.agents.list({ ...read.filter, workspaceId: caller.workspaceId, ...within });
    return sendJson(reply, 200, {
      agents: items.map(toAgentListItem),
      has_more: nextCursor !== undefined,
      next_cursor: nextCursor ?? null,
      ...(read.warnings.length === 0 ? {} : { warnings: read.warnings }),
    });
  });

  app.get<OneAgent>(`${BASE}/agents/:agent_id`, { config: { policy: READ, operation: GET_AGENT } }, async (request, reply) => {
    const agent = await ownAgent(api, request);
    return sendJson(reply, 200, toAgentResponse(agent, api.agentWarnings(agent.config)));
  });

  app.patch<OneAgent>(`${BASE}/agents/:agent_id`, { config: { policy: WRITE, operation: PATCH_AGENT } }, async (request, reply) => {
    const patch = checkedBody(PatchAgentBody, bodyOf(request));
    const before = await ownAgent(api, request);
    const config = mergeConfig(parseOwn<AgentConfig>(before.config), patch);
    refuseModelUrl(config);
    const agent = rowOf({ ...before, updatedAt: api.clock.wall() }, config);
    await api.store.agents.put(agent);
    return sendJson(reply, 200, toAgentResponse(agent, api.agentWarnings(agent.config)));
  });

  app.delete<OneAgent>(`${BASE}/agents/:agent_id`, { config: { policy: WRITE, operation: DELETE_AGENT } }, async (request, reply) => {
    const { agentId } = await ownAgent(api, request);
    await api.store.agents.delete(agentId);
    return sendJson(reply, 200, {});
  });
}

function rowOf(row: Omit<AgentRow, 'name' | 'config' | 'hash'>, config: AgentConfig): AgentRow {
  const text = JSON.stringify(config);
  const { name } = config;
  return { ...row, name: typeof name === 'string' ? name : '', config: text, hash: hash('sha256', text) };
}

async function ownAgent(api: Api, request: FastifyRequest<OneAgent>): Promise<AgentRow> {
  const { agent_id } = request.params;
  // What is no id is looked up all the same: it costs what an unknown one costs.
  const agent = await api.store.agents.get(AGENT_ID.test(agent_id) ? agent_id : 'agent_');
  const caller = callerOf(request);
  if (agent?.workspaceId !== caller.workspaceId || !reachesAgent(caller, agent_id)) throw new AppError(refuse('agent_not_found'));
  return agent;
}

/** An agent's own model URL would make this server call whatever address its author likes. */
function refuseModelUrl(config: AgentConfig): void {
  const custom = memberAt(config, ['conversation_config', 'agent', 'prompt', 'custom_llm']);
  if (memberAt(custom, ['url']) === undefined) return;
  throw AppError.of('agent_url_refused', { param: 'conversation_config.agent.prompt.custom_llm.url' });
}

function memberAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
}
