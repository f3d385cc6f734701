import type { Accepted, ConversationLog } from './conversation-log.js';
import { type Sent, textIn } from './sent-messages.js';
import type { Findings } from './verdicts.js';

const GOOD = ['accepted', 'delivered', 'applied', 'replied', 'spoken'];

/** What was shown to clients of a conversation, by event_id. */
export type Shown = ReadonlyMap<number, string>;

/** Every accepted message goes up its levels to one end; what counts as confirmed was shown to a client. */
export function checkReceipts(log: ConversationLog, sent: ReadonlyMap<string, Sent>, shown: Shown, findings: Findings): void {
  for (const entry of log.accepted) {
    const name = `${log.conversation} "${entry.text}"`;
    checkLevels(entry, name, findings);
    const end = entry.levels.find(({ final }) => final);
    const acknowledged = (sent.get(textIn(log.conversation, entry.text))?.answers.length ?? 0) > 0;
    // A context that a newer one replaced while both waited was not lost: nobody would ever have seen it.
    const replaced = entry.type === 'contextual_update' && end?.level === 'superseded' && end.reason === 'replaced';
    if (end !== undefined && acknowledged && !GOOD.includes(end.level) && !replaced) {
      findings.add('undelivered', `${name} ended ${end.level} (${end.reason})`);
    }
    for (const { level, basis, eventId } of entry.levels) {
      if (level !== 'spoken' || basis !== 'confirmed') continue;
      const text = shown.get(Number(eventId));
      const own = entry.type === 'agent_message' || entry.type === 'human_message';
      if (text === undefined || (own && text !== entry.text)) findings.add('unreceived', `${name} is confirmed as event_id ${eventId}`);
    }
  }
}

function checkLevels({ levels }: Accepted, name: string, findings: Findings): void {
  let reached = 0;
  let ended = false;
  for (const { seq, level, final } of levels) {
    const rank = GOOD.indexOf(level);
    if (ended) findings.add('backward', `${name} goes on with ${level} at seq ${seq}, after its end`);
    else if (rank >= 0 && rank <= reached) findings.add('backward', `${name} is ${level} at seq ${seq} and was ${GOOD[reached]}`);
    else if (rank < 0 && !final) findings.add('backward', `${name} is ${level} at seq ${seq} without ending`);
    reached = Math.max(reached, rank);
    ended ||= final;
  }
  if (!ended) findings.add('unfinished', `${name} stays ${levels.at(-1)?.level ?? 'accepted'}`);
}
