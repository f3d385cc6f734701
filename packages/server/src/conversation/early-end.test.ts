import { describe, expect, it } from 'vitest';
import { Rehearsal } from '../testing/rehearsal.js';

const words = (append: readonly string[]): string[] => append.map((line) => line.replace(/^\d+ /, ''));

describe('an end in the first 100 ms of a client', () => {
  it('[CV45] waits until the client is ready, shows it the last line and waits for its pong', () => {
    const r = new Rehearsal();
    r.create({ begun: 'client' });
    r.join('s1');
    expect(words(r.end('Bye').append)).toEqual(['message.added agent "Bye" #1 source api']);
    const shown = r.ready();
    expect(shown.append).toEqual([]);
    expect(shown.leaves).toEqual(['agent_response#1', 'ping']);
    expect(words(r.pong().append)).toEqual(['client.confirmed through 4', 'conversation.ended ended_by_api']);
  });

  it('[CV45] gives the client its second from then on', () => {
    const r = new Rehearsal();
    r.create({ begun: 'client' });
    r.join('s1');
    r.end('Bye');
    r.wait(900);
    r.ready();
    expect(r.wait(999).append).toEqual([]);
    expect(words(r.wait(1).append)).toEqual(['conversation.ended ended_by_api']);
  });
});
