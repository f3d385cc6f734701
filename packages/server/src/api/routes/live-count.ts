import { LiveCountQuery } from '@backchannel/protocol/convai';
import type { FastifyInstance } from 'fastify';
import { type Api, BASE } from '../api.js';
import { agentsWithin, callerOf } from '../caller.js';
import { sendJson } from '../json-reply.js';
import { COUNT_LIVE } from '../operations/conversations.js';
import { checkedQuery } from '../request-body.js';

export function liveCountRoutes(app: FastifyInstance, api: Api): void {
  app.get(
    `${BASE}/analytics/live-count`,
    { config: { policy: { anyOf: ['conversations:read'], reach: 'agents' }, operation: COUNT_LIVE } },
    async (request, reply) => {
      const { agent_id } = checkedQuery(LiveCountQuery, request);
      const caller = callerOf(request);
      const agentIds = agentsWithin(caller, agent_id);
      return sendJson(reply, 200, { count: await api.store.conversations.countLive(caller.workspaceId, agentIds) });
    },
  );
}
