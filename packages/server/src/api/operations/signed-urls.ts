import { SignedUrlAnswer, SignedUrlQuery } from '@backchannel/protocol/convai';
import type { Operation } from '../operation.js';

export const GET_SIGNED_URL: Operation = {
  id: 'getSignedUrl',
  tag: 'signed URLs',
  summary: 'Mint the URL with which a client gets in',
  description:
    'It starts a client within 15 minutes. With `include_conversation_id` the conversation has its id now, so a backend can send messages before ' +
    'anybody connects; with `conversation_id` the client comes back to a conversation that is there.',
  query: SignedUrlQuery,
  answers: { 200: { description: 'Minted.', schema: SignedUrlAnswer } },
  errors: [
    'agent_not_found',
    'conversation_not_found',
    'conversation_ended',
    'wrong_agent',
    'override_error',
    'missing_dynamic_variable',
    'invalid_request',
    'public_url_missing',
  ],
};

/** The same under the older path. */
export const GET_SIGNED_URL_BEFORE: Operation = {
  ...GET_SIGNED_URL,
  id: 'getSignedUrlOldPath',
  summary: 'The same under the path of older clients',
};

export const OPEN_SOCKET: Operation = {
  id: 'openSocket',
  tag: 'signed URLs',
  summary: 'The conversation socket, where a client holds its conversation',
  description:
    'A WebSocket: [asyncapi.json](asyncapi.json) describes what goes over it, and its query. Whoever asks without `Upgrade: websocket` is told so, which is ' +
    'what a client sees behind a proxy that drops the header.',
  answers: {},
  errors: ['upgrade_required'],
};

export const GET_TOKEN: Operation = {
  id: 'getToken',
  tag: 'signed URLs',
  summary: 'Asked for by voice clients over WebRTC, which is not served here',
  answers: {},
  errors: ['webrtc_not_enabled'],
};
