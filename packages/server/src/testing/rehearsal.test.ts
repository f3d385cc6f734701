import { describe, expect, it } from 'vitest';
import { decide } from '../conversation/decide.js';
import { LogRules, RuleBroken } from './log-rules.js';
import { Rehearsal } from './rehearsal.js';
import { WireRules } from './wire-rules.js';

describe('a rehearsal', () => {
  it('[CV44] notes one append and what leaves after it, with the test’s own names', () => {
    const r = Rehearsal.opened();
    expect(r.typed('M1')).toMatchObject({
      append: ['6 message.accepted M1', '7 message.added user #2', '8 level M1 applied', '9 turn.started T #3'],
      leaves: ['engine: reply T'],
      rides: false,
    });
    expect(r.names.of(r.idOf('M1'))).toBe('M1');
    expect(() => r.idOf('M2')).toThrow('No message M2 was accepted.');
  });

  it('[CV44] is deterministic', () => {
    const play = () => {
      const r = Rehearsal.opened();
      r.typed('M1');
      r.delta('Sure.');
      r.done();
      return r.log;
    };
    expect(play()).toEqual(play());
  });

  it('[CV44] throws when the record is not the fold of the log', () => {
    const r = Rehearsal.opened({
      decide: (state, command, stamp) => {
        const decided = decide(state, command, stamp);
        if (command.type === 'client.leave') state.record.phase = 'open';
        return decided;
      },
    });
    expect(() => r.leave('lost')).toThrow('the record is not the fold of its log');
  });

  it('[CV44] throws when something is shown to one who never joined', () => {
    const r = Rehearsal.opened();
    expect(() => r.wires.perform({ kind: 'show', to: 's9', event: r.log[3] ?? r.log[0] } as never)).toThrow('s9, who never joined');
  });
});

describe('the rules of a log', () => {
  const log = () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    r.delta('Sure.');
    r.done();
    r.pong();
    r.end();
    return r.log;
  };

  it('[CV43] find nothing in a good one', () => {
    expect(() => new LogRules(log()).mustBeSettled()).not.toThrow();
  });

  it.each(log().map(({ seq, type }) => ({ seq, type })))('[CV43] notice that $seq $type is missing', ({ seq }) => {
    const events = log().filter((event) => event.seq !== seq);
    const renumbered = events.map((event, index) => ({ ...event, seq: index + 1 }));
    if (seq < log().length) expect(() => new LogRules(events)).toThrow(RuleBroken);
    // Even where the numbers are whole again: whatever later events rest on is missed.
    if (NEEDED.has(log()[seq - 1]?.type ?? '')) expect(() => new LogRules(renumbered).mustBeSettled()).toThrow(RuleBroken);
  });
});

const NEEDED = new Set(['conversation.created', 'client.joined', 'message.accepted', 'turn.started', 'turn.ended']);

describe('the rules of a wire', () => {
  const part = (type: 'start' | 'delta' | 'stop', text = '') =>
    ({ type: 'agent_chat_response_part', text_response_part: { type, text, event_id: 1 } }) as const;
  const response = (text: string, event_id = 1) =>
    ({ type: 'agent_response', agent_response_event: { agent_response: text, event_id } }) as const;
  const metadata = {
    type: 'conversation_initiation_metadata',
    conversation_initiation_metadata_event: {
      conversation_id: 'conv_1',
      agent_output_audio_format: 'pcm_16000',
      user_input_audio_format: 'pcm_16000',
    },
  } as const;
  const ping = (event_id: number) => ({ type: 'ping', ping_event: { event_id, ping_ms: null } }) as const;

  it.each([
    { what: 'a whole stream', frames: [metadata, part('start'), part('delta', 'Hi'), response('Hi'), part('stop'), ping(3)], fits: true },
    { what: 'no metadata', frames: [ping(1)], fits: false },
    { what: 'metadata twice', frames: [metadata, metadata], fits: false },
    { what: 'a foreign line in a stream', frames: [metadata, part('start'), response('Other', 2)], fits: false },
    { what: 'a ping in a stream', frames: [metadata, part('start'), ping(1)], fits: false },
    { what: 'a lost piece', frames: [metadata, part('start'), part('delta', 'H'), response('Hi')], fits: false },
    { what: 'a stop without its line', frames: [metadata, part('start'), part('stop')], fits: false },
    { what: 'a line twice', frames: [metadata, response('Hi'), response('Hi')], fits: false },
    { what: 'a stream after its line', frames: [metadata, response('Hi'), part('start')], fits: false },
    { what: 'a ping that covers nothing new', frames: [metadata, ping(3), ping(3)], fits: false },
  ])('[CV43] $what: $fits', ({ frames, fits }) => {
    const look = () => {
      const rules = new WireRules('s1');
      for (const frame of frames) rules.take(frame);
    };
    if (fits) expect(look).not.toThrow();
    else expect(look).toThrow(RuleBroken);
  });
});
