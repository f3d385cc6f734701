import { checkClients, clientViews, shownTo } from './check-clients.js';
import { checkMessages, checkNumbers, checkOrder } from './check-log.js';
import { checkReceipts } from './check-receipts.js';
import { conversationLogs } from './conversation-log.js';
import type { HistoryLine } from './history.js';
import { sentMessages } from './sent-messages.js';
import { Findings } from './verdicts.js';

export type Checked = {
  readonly findings: Findings;
  readonly acknowledged: number;
  /** Sent, never acknowledged and never refused: in the log once or not at all. */
  readonly unknown: number;
  /** Good answers beyond the first of their message: replays. */
  readonly replays: number;
  /** Messages that were stored and whose first answer never came: a retry settled them. */
  readonly settled: number;
  readonly kills: number;
  readonly conversations: number;
  readonly sessions: number;
  readonly frames: number;
  /** Lines that a later connection was shown again, because nobody knew whether they had arrived. */
  readonly again: number;
  readonly events: number;
};

/** Compares what senders were told and clients were shown with what the logs hold. Knows nothing of how the server works. */
export function check(history: readonly HistoryLine[]): Checked {
  const findings = new Findings();
  const sent = sentMessages(history);
  const logs = conversationLogs(history);
  const { sessions, frames } = clientViews(history);
  const read = new Set(logs.map(({ conversation }) => conversation));
  let again = 0;
  for (const log of logs) {
    const views = frames.get(log.conversation);
    checkNumbers(log, findings);
    checkMessages(log, sent, findings);
    checkOrder(log, sent, findings);
    checkReceipts(log, sent, shownTo(views ?? []), findings);
    if (views !== undefined) again += checkClients(log, views, findings);
  }
  const all = [...sent.values()];
  for (const { conversation, message, answers } of all) {
    if (answers.length > 0 && !read.has(conversation))
      findings.add('lost', `the log of ${conversation}, with "${message.text}", is not in the history`);
  }
  return {
    findings,
    acknowledged: all.filter(({ answers }) => answers.length > 0).length,
    unknown: all.filter(({ answers, tries, refusals }) => answers.length === 0 && refusals < tries).length,
    replays: all.reduce((sum, { answers }) => sum + Math.max(0, answers.length - 1), 0),
    settled: all.filter(({ answers }) => answers.length > 0 && answers.every(({ replayed }) => replayed)).length,
    kills: history.filter(({ type }) => type === 'kill').length,
    conversations: logs.length,
    sessions,
    frames: [...frames.values()].reduce((sum, list) => sum + list.length, 0),
    again,
    events: logs.reduce((sum, { events }) => sum + events.length, 0),
  };
}

/** The outcome in words, for a terminal and for a page. */
export function reportOf(checked: Checked): string {
  const n = (count: number): string => count.toLocaleString('en-US');
  const { acknowledged, unknown, replays, settled, kills, conversations, sessions, frames, again, events, findings } = checked;
  return [
    ...findings.examples(),
    `${n(acknowledged)} messages acknowledged, ${n(replays)} answered again, ${n(settled)} stored and only answered to a retry, ${n(unknown)} unknown; ${n(kills)} kills; ` +
      `${n(conversations)} conversations with ${n(events)} events; ${n(sessions)} connections, ${n(frames)} lines shown, ${n(again)} of them again`,
    findings.summary(),
  ].join('\n');
}

/** A history in which nothing was acknowledged proves nothing. */
export const holds = ({ findings, acknowledged }: Checked): boolean => findings.total === 0 && acknowledged > 0;
