import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.js';
import { agentRoutes } from './agents.js';
import { apiKeyRoutes } from './api-keys.js';
import { conversationRoutes } from './conversations.js';
import { documentRoutes } from './documents.js';
import { endingRoutes } from './ending.js';
import { eventRoutes } from './events.js';
import { feedbackRoutes } from './feedback.js';
import { healthRoutes } from './health.js';
import { liveCountRoutes } from './live-count.js';
import { messageRoutes } from './messages.js';
import { pageRoutes } from './page.js';
import { pageSessionRoutes } from './page-session.js';
import { signedUrlRoutes } from './signed-url.js';
import { socketRoutes } from './socket.js';
import { storedMessageRoutes } from './stored-messages.js';
import { tokenRoutes } from './token.js';

/** Every door of the REST API, one file each. */
export const allRoutes: readonly ((app: FastifyInstance, api: Api) => void)[] = [
  messageRoutes,
  storedMessageRoutes,
  conversationRoutes,
  endingRoutes,
  eventRoutes,
  signedUrlRoutes,
  agentRoutes,
  apiKeyRoutes,
  liveCountRoutes,
  socketRoutes,
  tokenRoutes,
  feedbackRoutes,
  healthRoutes,
  documentRoutes,
  pageRoutes,
  pageSessionRoutes,
];
