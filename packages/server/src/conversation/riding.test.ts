import { expect, it } from 'vitest';
import { Rehearsal } from '../testing/rehearsal.js';
import { rides } from './riding.js';

it('[CV32] a confirmation rides: nobody waits for it', () => {
  const r = Rehearsal.opened();
  r.post('A', 'agent_message');
  expect(rides(r.pong().out)).toBe(true);
});

it('[CV32] so does what is spoken only as far as was written', () => {
  const r = Rehearsal.opened();
  r.post('A', 'agent_message');
  expect(rides(r.wait(10_000).out)).toBe(true);
});

it('[CV32] so does a client that leaves a backend’s conversation', () => {
  const r = Rehearsal.begunByBackend();
  r.rejoin('s1');
  expect(r.leave().append).toEqual([expect.stringMatching(/client.left/)]);
  expect(rides(r.perform({ type: 'client.leave', session_id: 's1', reason: 'lost' }).out)).toBe(true);
});

it('[CV32] whatever somebody waits for does not: answers, frames, ends, replies', () => {
  const r = Rehearsal.opened();
  expect(rides(r.post('A', 'agent_message').out)).toBe(false);
  expect(rides(r.post('M', 'user_message').out)).toBe(false);
  expect(rides(r.delta('Let me').out)).toBe(false);
  expect(rides(r.done().out)).toBe(false);
  r.end();
  expect(r.pong()).toMatchObject({ rides: false });
});
