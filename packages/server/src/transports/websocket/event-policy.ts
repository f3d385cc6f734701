import type { ClientMessage } from '@backchannel/protocol/convai';
import type { ClientSession } from '../../conversation/client-session.js';

type Role = ClientSession['role'];

const EVERYBODY: readonly Role[] = ['user', 'attached'];
const USER: readonly Role[] = ['user'];

/**
 * Who may send each client event. By what a client was let in makes no difference any more: a public agent's client, a signed URL's and a
 * key's have the same conversation. One that is attached beside the user's speaks and knows; it does not confirm, type or answer tools.
 */
export const EVENT_POLICY: Readonly<Record<ClientMessage['type'], readonly Role[]>> = {
  conversation_initiation_client_data: EVERYBODY,
  enclave_setup_config: EVERYBODY,
  user_message: EVERYBODY,
  multimodal_message: EVERYBODY,
  contextual_update: EVERYBODY,
  pong: USER,
  user_activity: USER,
  feedback: USER,
  client_tool_result: USER,
  mcp_tool_approval_result: USER,
  user_audio_chunk: USER,
  // Ignored, whoever sends it.
  unknown: EVERYBODY,
};
