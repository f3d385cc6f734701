import type { AgentState, UserState } from '@backchannel/protocol';
import type { Situation } from './outcomes.js';
import type { ConversationState } from './state.js';

/** The row of the outcome table that holds now. `unknown` and `unavailable` are the router's answers, not ours. */
export function situationOf({ record, live }: ConversationState): Situation {
  if (record.phase === 'ended' || live.ending !== undefined) return 'ended';
  if (isHeld({ record, live })) return 'held';
  if (live.typing?.busy) return 'user_busy';
  if (record.turn === undefined) return 'listening';
  if (!record.turn.interruptible) return 'protected';
  return live.speech === undefined ? 'thinking' : 'speaking';
}

/** Nobody is there to show anything to. A conversation that a backend opened talks without a client, so it is never held. */
function isHeld({ record, live }: ConversationState): boolean {
  if (record.phase !== 'open') return true;
  return record.begun !== 'api' && live.session?.ready !== true;
}

export function agentState(state: ConversationState): AgentState {
  const { record, live } = state;
  if (record.turn === undefined || isHeld(state)) return 'listening';
  return live.speech === undefined ? 'thinking' : 'speaking';
}

export function userState(state: ConversationState): UserState {
  const { live } = state;
  if (live.session?.ready !== true || isHeld(state)) return 'away';
  return live.typing?.busy ? 'typing' : 'quiet';
}
