import { expect, it } from 'vitest';
import { outcomeTable } from './outcome-table.js';

it('[MS3] the table for people has a row for each situation that can be reached, in the order in which they are looked at', () => {
  const [head, rule, ...rows] = outcomeTable().split('\n');
  expect(head).toBe('| when it comes in | `immediate` | `soon` | `later` |');
  expect(rule).toBe('|---|---|---|---|');
  expect(rows.map((row) => row.split(' | ')[0])).toEqual([
    '| the id is unknown',
    '| the conversation has ended, or is ending',
    '| its owner cannot be reached, or the store cannot be written',
    '| no client yet, or it was lost, or it joined less than 100 ms ago',
    '| the user is speaking or typing',
    '| a turn is open that must not be interrupted',
    '| the agent is speaking: a reply is streaming',
    '| the agent is thinking: a turn is open, and nothing was said',
    '| the agent is listening, and all is quiet',
  ]);
  for (const row of rows) expect(row.split(' | ')).toHaveLength(4);
});

it('[MS3] it names refusals by status and code, and the types that differ', () => {
  const table = outcomeTable();
  expect(table).toContain('| 410 `conversation_ended` | the same | the same |');
  expect(table).toMatch(/thinking.*`agent_message`: said at once as a line of its own/);
  expect(table).toMatch(
    /speaking: a reply is streaming \| stops it, then acts \| after it \| after it; `instruction`: waits for the next prompt/,
  );
});

it('[MS3] it leaves out what means nothing yet', () => {
  expect(outcomeTable()).not.toMatch(/human_message|person|tool/);
});
