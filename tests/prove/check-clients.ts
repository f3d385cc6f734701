import type { Shown } from './check-receipts.js';
import type { ConversationLog, Line } from './conversation-log.js';
import type { HistoryLine } from './history.js';
import type { Findings } from './verdicts.js';

type Frame = Extract<HistoryLine, { type: 'frame' }>;

/** What the clients of each conversation were shown, in the order in which they saw it. */
export type ClientViews = { readonly sessions: number; readonly frames: Map<string, Frame[]> };

export function clientViews(history: Iterable<HistoryLine>): ClientViews {
  const conversationOf = new Map<number, string>();
  const frames = new Map<string, Frame[]>();
  for (const line of history) {
    if (line.type === 'join') {
      conversationOf.set(line.session, line.conversation);
      if (!frames.has(line.conversation)) frames.set(line.conversation, []);
    } else if (line.type === 'frame') {
      const conversation = conversationOf.get(line.session);
      if (conversation === undefined) throw new Error(`session ${line.session} was shown a frame and never joined`);
      frames.get(conversation)?.push(line);
    }
  }
  return { sessions: conversationOf.size, frames };
}

export const shownTo = (frames: readonly Frame[]): Shown => new Map(frames.map(({ event_id, text }) => [event_id, text]));

/**
 * One user, over all connections: lines come in the order of the log, none twice on one connection; a later connection may
 * begin with some that an earlier one had; and at the end there is no line that never came. How many came again is answered.
 */
export function checkClients({ conversation, lines }: ConversationLog, frames: readonly Frame[], findings: Findings): number {
  const byEventId = new Map(lines.map((line) => [line.eventId, line]));
  const seen = new Set<Line>();
  const here = new Map<number, { readonly lines: Set<Line>; readonly last: number }>();
  let newest = 0;
  let again = 0;
  for (const frame of frames) {
    const line = byEventId.get(frame.event_id);
    const where = `${conversation} session ${frame.session}`;
    if (line === undefined || !isOf(frame, line)) {
      findings.add('phantoms', `${where} was shown "${frame.text}" as event_id ${frame.event_id}, which is not in the log`);
      continue;
    }
    const before = here.get(frame.session) ?? { lines: new Set(), last: 0 };
    const { last } = before;
    if (before.lines.has(line)) findings.add('doubled', `${where} was shown "${frame.text}" twice`);
    else if (line.seq < last || (!seen.has(line) && line.seq < newest)) {
      findings.add('reordered', `${where} was shown "${frame.text}" (seq ${line.seq}) after seq ${Math.max(last, newest)}`);
    } else if (seen.has(line)) again += 1;
    here.set(frame.session, { lines: before.lines.add(line), last: line.seq });
    seen.add(line);
    newest = Math.max(newest, line.seq);
  }
  for (const line of lines) {
    if (line.forClients && !line.typed && !seen.has(line)) findings.add('missed', `${conversation} has "${line.text}" at seq ${line.seq}`);
  }
  return again;
}

const isOf = ({ frame, text }: Frame, line: Line): boolean =>
  text === line.text && (frame === 'agent_response') === (line.role === 'agent');
