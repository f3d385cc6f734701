import { describe, expect, it } from 'vitest';
import { conversationSettings } from '../testing/conversation-settings.js';
import { Rehearsal } from '../testing/rehearsal.js';

const code = ({ answer }: { answer: { ok: boolean } }): unknown => ('code' in answer ? answer.code : 'ok');
const words = (append: readonly string[]): string[] => append.map((line) => line.replace(/^\d+ /, ''));

describe('how it ends', () => {
  const ENDS: readonly {
    readonly reason: string;
    readonly status: 'done' | 'failed';
    readonly close: string | undefined;
    readonly end: () => Rehearsal;
  }[] = [
    {
      reason: 'client_left',
      status: 'done',
      close: undefined,
      end: () => {
        const r = Rehearsal.opened();
        r.leave('left', 1000);
        return r;
      },
    },
    {
      reason: 'ended_by_api',
      status: 'done',
      close: 'close ended by the backend',
      end: () => {
        const r = Rehearsal.opened();
        r.end();
        return r;
      },
    },
    {
      reason: 'deleted',
      status: 'done',
      close: 'close deleted',
      end: () => {
        const r = Rehearsal.opened();
        r.end(undefined, 'deleted');
        return r;
      },
    },
    {
      reason: 'end_call',
      status: 'done',
      close: 'close after 1000 ms ended by the agent',
      end: () => {
        const r = Rehearsal.opened();
        r.typed('M');
        r.done({ end_call: { tool_call_id: 'call_1', reason: 'done', message: 'Bye' } });
        r.pong();
        return r;
      },
    },
    {
      reason: 'max_duration',
      status: 'done',
      close: 'close maximum duration reached',
      end: () => {
        const r = Rehearsal.opened({ settings: conversationSettings({ maxDurationMs: 60_000 }) });
        r.wait(60_000);
        return r;
      },
    },
    {
      reason: 'idle',
      status: 'done',
      close: 'close no activity',
      end: () => {
        const r = Rehearsal.opened({ settings: conversationSettings({ silenceMs: 20_000 }) });
        r.wait(20_000);
        return r;
      },
    },
    {
      reason: 'client_lost',
      status: 'done',
      close: undefined,
      end: () => {
        const r = Rehearsal.opened();
        r.leave('lost');
        r.wait(30_000);
        return r;
      },
    },
    {
      reason: 'never_opened',
      status: 'failed',
      close: undefined,
      end: () => {
        const r = new Rehearsal();
        r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
        r.wait(900_000);
        return r;
      },
    },
  ];

  it.each(ENDS)('[CV19] $reason: $status', ({ reason, status, close, end }) => {
    const r = end();
    expect(r.log.at(-1)).toMatchObject({ type: 'conversation.ended', reason, status });
    expect(r.record).toMatchObject({
      phase: 'ended',
      ended: { reason, status, at: r.wall },
      client: undefined,
      owed: [],
      open: {},
      waiting: [],
    });
    expect(r.closes).toEqual(close === undefined ? [] : [close]);
    expect(r.nextIn).toBeUndefined();
  });

  it.each(ENDS)('[CV18] $reason: nothing but feedback follows it', ({ reason, end }) => {
    const r = end();
    const ended = r.record.seq;
    const gone = { ok: false, code: 'conversation_ended', extra: { reason, last_seq: ended, ended_at: new Date(r.wall).toISOString() } };
    for (const type of ['user_message', 'agent_message', 'contextual_update', 'instruction'] as const) {
      expect(r.post('X', type)).toMatchObject({ answer: gone, append: [], leaves: [] });
    }
    expect(r.perform({ type: 'metadata.patch', app_metadata: { a: 1 } }).answer).toMatchObject(gone);
    expect(r.perform({ type: 'signed_url.mint', agent_id: 'agent_1', expires_in_ms: 900_000 }).answer).toMatchObject(gone);
    expect(r.join('s9').answer).toMatchObject(gone);
    expect(r.end('Bye').answer).toMatchObject({ ok: true, ended: { reason, last_seq: ended, ended_at: gone.extra.ended_at } });
    r.perform({ type: 'client.warn', code: 'x', message: 'x' });
    r.perform({ type: 'client.leave', session_id: 's1', reason: 'left' });
    r.perform({ type: 'client.pong', session_id: 's1', through: 99 });
    r.perform({ type: 'client.activity', session_id: 's1' });
    r.ready('s1');
    r.wait(100_000_000);
    expect(r.record.seq).toBe(ended);
    expect(r.perform({ type: 'feedback.give', event_id: 1, score: 'like' }).append).toEqual([`${ended + 1} feedback.given`]);
    expect(r.crash().append).toEqual([]);
  });
});

describe('between the two steps of an end', () => {
  const ending = () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    r.typed('M');
    r.delta('Let me');
    expect(r.end().append.at(-1)).toMatch(/turn.ended/);
    return r;
  };

  it('[CV17] everything is refused as ended, and when is not known yet', () => {
    const r = ending();
    const { answer } = r.post('X', 'agent_message');
    expect(answer).toMatchObject({ ok: false, code: 'conversation_ended', extra: { reason: 'ended_by_api', last_seq: r.record.seq } });
    expect(answer).not.toHaveProperty('extra.ended_at');
    expect(code(r.join('s2', { join: 'resume' }))).toBe('conversation_ended');
  });

  it('[CV17] a second end waits for the first', () => {
    const r = ending();
    const { append, answer } = r.end('Bye');
    expect(append).toEqual([]);
    expect(answer).toEqual({ ok: true, cursor: `1-${r.record.seq}` });
    r.pong();
    expect(r.endReason).toBe('ended_by_api');
  });

  it('[CV28] no other deadline rings, also where the end began without an event', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    r.post('I', 'instruction', { urgency: 'later', expires_in_ms: 500 });
    expect(r.end().append).toEqual([]);
    expect(r.nextIn).toBe(1_000);
    expect(r.wait(500).append).toEqual([]);
    expect(r.nextIn).toBe(500);
    expect(words(r.wait(500).append)).toEqual([
      'level A undeliverable outcome_unknown',
      'level I undeliverable conversation_ended',
      'conversation.ended ended_by_api',
    ]);
  });

  it('[CV17] what the client confirms is spoken, what it does not is unknown', () => {
    const r = ending();
    expect(words(r.pong(8).append)).toEqual(['client.confirmed through 8', 'level A spoken']);
    expect(words(r.wait(1_000).append)).toEqual(['level M undeliverable outcome_unknown', 'conversation.ended ended_by_api']);
  });

  it('[CV17] a client that leaves is waited for no more', () => {
    const r = ending();
    expect(words(r.leave('left').append)).toEqual([
      'client.left',
      'level A undeliverable outcome_unknown',
      'level M undeliverable outcome_unknown',
      'conversation.ended ended_by_api',
    ]);
    expect(r.closes).toEqual([]);
  });

  it('[CV17] the engine is not heard, and typing holds nothing up', () => {
    const r = ending();
    expect(r.delta('more').leaves).toEqual([]);
    r.typing();
    expect(words(r.pong().append).at(-1)).toBe('conversation.ended ended_by_api');
  });
});

describe('the messages of an end', () => {
  it('[CV17] have each their end, in one append: unknown, superseded, and those that waited', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    r.typed('M');
    r.post('C', 'contextual_update');
    r.post('I', 'instruction', { urgency: 'later' });
    expect(words(r.leave('left').append)).toEqual([
      'client.left',
      'turn.interrupted ended',
      'turn.ended',
      'level A undeliverable outcome_unknown',
      'level M superseded conversation_ended',
      'level C undeliverable conversation_ended',
      'level I undeliverable conversation_ended',
      'conversation.ended client_left',
    ]);
  });

  it('[CV17] a protected reply is cut like any other', () => {
    const r = Rehearsal.opened();
    r.post('M', 'user_message', { interruptible: false });
    r.delta('A long story');
    expect(words(r.end().append)).toEqual([
      'message.added agent "A long story" #3 interrupted',
      'turn.interrupted ended',
      'level M replied complete:false',
      'turn.ended',
    ]);
  });

  it('[CV17] at once where no client is, or none that is ready', () => {
    const dropped = Rehearsal.opened();
    dropped.typed('M');
    dropped.leave();
    expect(words(dropped.end('Bye').append)).toEqual([
      'turn.interrupted ended',
      'turn.ended',
      'message.added agent "Bye" #4 source api',
      'level M superseded conversation_ended',
      'conversation.ended ended_by_api',
    ]);
    const joining = Rehearsal.opened();
    joining.leave();
    joining.join('s2');
    expect(joining.end().leaves).toEqual(['close ended by the backend']);
  });

  it('[CV17] at once where nothing is owed', () => {
    const r = Rehearsal.opened();
    expect(r.end()).toMatchObject({ append: ['6 conversation.ended ended_by_api'], leaves: ['close ended by the backend'] });
  });

  it('[CV17] that were held when nobody ever came are undeliverable', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    r.post('C', 'contextual_update');
    r.post('A', 'agent_message');
    r.post('M', 'user_message');
    expect(words(r.wait(900_000).append)).toEqual([
      'level C undeliverable conversation_ended',
      'level A undeliverable conversation_ended',
      'level M undeliverable conversation_ended',
      'conversation.ended never_opened',
    ]);
  });
});

describe('an end by time', () => {
  it('[CV20] the maximum duration is counted from the first client, through losses and crashes, and says its message', () => {
    const settings = conversationSettings({ maxDurationMs: 60_000, maxDurationMessage: 'Our time is up.' });
    const r = new Rehearsal({ settings });
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    r.pass(500_000);
    r.rejoin('s1');
    r.pass(20_000);
    r.leave();
    r.rejoin('s2');
    r.crash({ downMs: 10_000 });
    r.rejoin('s3');
    expect(r.nextIn).toBe(30_000);
    const over = r.wait(30_000);
    expect(words(over.append)).toEqual(['message.added agent "Our time is up." #1 source engine']);
    expect(over.leaves).toEqual(['agent_response#1', 'ping']);
    expect(r.pong().leaves).toEqual(['error max_duration_exceeded', 'close maximum duration reached']);
  });

  it('[CV20] in a backend’s conversation it begins with the first client too', () => {
    const r = Rehearsal.begunByBackend('', { settings: conversationSettings({ maxDurationMs: 60_000 }) });
    expect(r.nextIn).toBe(24 * 3_600_000);
    r.pass(70_000);
    r.rejoin('s1');
    expect(r.nextIn).toBe(60_000);
  });

  it('[CV21] a backend’s conversation ends after a day without an applied message', () => {
    const r = Rehearsal.begunByBackend('Hello');
    r.pass(23 * 3_600_000);
    r.post('A', 'agent_message');
    expect(r.wait(23 * 3_600_000).append).toEqual([]);
    expect(r.nextIn).toBe(3_600_000);
    expect(words(r.wait(3_600_000).append)).toEqual(['conversation.ended idle']);
  });

  it('[CV21] silence ends a client’s conversation where the agent says so; a message begins it anew', () => {
    const r = Rehearsal.opened({ settings: conversationSettings({ silenceMs: 20_000 }) });
    r.pass(15_000);
    r.post('C', 'contextual_update');
    expect(r.nextIn).toBe(20_000);
    expect(words(r.wait(20_000).append)).toEqual(['conversation.ended idle']);
    expect(Rehearsal.opened().nextIn).toBeGreaterThan(3_600_000);
  });

  it('[CV21] silence is not counted while nobody is there', () => {
    const r = Rehearsal.opened({ settings: conversationSettings({ silenceMs: 20_000 }) });
    r.leave();
    expect(words(r.wait(25_000).append)).toEqual([]);
  });
});

describe('an end by the agent', () => {
  const call = { tool_call_id: 'call_1', reason: 'said goodbye' };

  it('[CV22] is told with its call, and its answer is the last thing the client sees', () => {
    const r = Rehearsal.opened();
    r.typed('M');
    r.delta('Bye.');
    r.done({ end_call: { ...call, message: 'not said: there were words' } });
    expect(r.log.find(({ type }) => type === 'tool.called')).toMatchObject({
      tool_name: 'end_call',
      tool_type: 'system',
      tool_call_id: 'call_1',
      event_id: 3,
      parameters: { reason: 'said goodbye', message: 'not said: there were words' },
    });
    expect(r.log.find((event) => event.type === 'message.added' && event.event_id === 3)).toMatchObject({ text: 'Bye.' });
    expect(r.pong().leaves).toEqual(['agent_tool_response#3', 'close after 1000 ms ended by the agent']);
  });

  it('[CV22] in words nobody said ends at once', () => {
    const r = Rehearsal.opened();
    r.typed('M');
    expect(words(r.done({ end_call: call }).append)).toEqual([
      'tool.called',
      'level M replied',
      'turn.ended',
      'tool.returned',
      'conversation.ended end_call',
    ]);
  });

  it('[CV22] that a crash broke off is finished at the restart', () => {
    const r = Rehearsal.opened();
    r.typed('M');
    r.delta('Bye.');
    r.done({ end_call: call });
    expect(words(r.crash().append)).toEqual([
      'client.left',
      'conversation.dropped',
      'level M undeliverable outcome_unknown',
      'tool.returned',
      'conversation.ended end_call',
    ]);
  });

  it('[CV22] in a backend’s conversation ends it at once', () => {
    const r = Rehearsal.begunByBackend('Hello');
    r.post('M', 'user_message');
    r.delta('Bye.');
    expect(words(r.done({ end_call: call }).append).at(-1)).toBe('conversation.ended end_call');
    expect(r.levels('M')).toEqual(['accepted', 'applied', 'replied']);
  });
});
