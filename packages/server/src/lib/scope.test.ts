import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { Scope } from './scope.js';

function setUp() {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  const seen: string[] = [];
  return {
    clock,
    errors,
    seen,
    scope: new Scope(clock, (error) => errors.push(error)),
    note: (name: string) => () => void seen.push(name),
  };
}

describe('a scope', () => {
  it('[RT7] releases in reverse order, children in their place, each before the next', async () => {
    const { scope, seen, note } = setUp();
    scope.defer(note('first'));
    const child = scope.child();
    child.defer(note('child, first'));
    child.defer(async () => {
      await Promise.resolve();
      seen.push('child, last');
    });
    scope.defer(note('last'));
    await scope.close();
    expect(seen).toEqual(['last', 'child, last', 'child, first', 'first']);
    expect(child.closed).toBe(true);
  });

  it('[RT7] goes on when a release throws, and reports it', async () => {
    const { scope, seen, note, errors } = setUp();
    scope.defer(note('first'));
    scope.defer(() => {
      throw new Error('sync');
    });
    scope.defer(() => Promise.reject(new Error('async')));
    await scope.close();
    expect(seen).toEqual(['first']);
    expect(errors).toEqual([new Error('async'), new Error('sync')]);
  });

  it('[RT7] releases once, at once when it is closed already, and not what was taken back', async () => {
    const { scope, seen, note } = setUp();
    scope.defer(note('kept'));
    scope.defer(note('taken back'))();
    const closing = scope.close('a');
    expect(scope.close('b')).toBe(closing);
    await closing;
    scope.defer(note('late'));
    expect(scope.child().closed).toBe(true);
    expect(seen).toEqual(['kept', 'late']);
    expect(scope.signal.reason).toBe('a');
  });

  it('[RT8] aborts the signals of the whole tree before anything is released', async () => {
    const { scope, seen, note } = setUp();
    const turn = scope.child();
    turn.signal.addEventListener('abort', note('turn aborted'));
    scope.signal.addEventListener('abort', note('aborted'));
    scope.defer(note('released'));
    expect(turn.signal.aborted).toBe(false);
    const closing = scope.close('over');
    expect(seen).toEqual(['aborted', 'turn aborted', 'released']);
    expect([scope.signal.reason, turn.signal.reason, turn.child().signal.reason]).toEqual(['over', 'over', 'over']);
    await closing;
  });

  it('[RT8] lets go of a child that was closed by itself', async () => {
    const { scope, seen, note } = setUp();
    const child = scope.child();
    child.defer(note('child'));
    await child.close();
    await scope.close();
    expect(seen).toEqual(['child']);
  });

  it('[RT9] no longer waits after the deadline, but releases all the same', async () => {
    const { scope, seen, note, clock } = setUp();
    scope.defer(note('first'));
    const child = scope.child();
    child.defer(note('child'));
    child.defer(() => new Promise(() => {}));
    let closed = false;
    const closing = scope.close('stop', 100).then(() => {
      closed = true;
    });
    clock.advance(99);
    await Promise.resolve();
    expect([closed, seen]).toEqual([false, []]);
    clock.advance(1);
    await closing;
    expect(seen.sort()).toEqual(['child', 'first']);
    expect(clock.pending).toBe(0);
  });
});
