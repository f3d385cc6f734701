import { describe, expect, it } from 'vitest';
import { toAgentFilter, toConversationFilter } from './list-query.js';
import { UNSERVED_OF_CONVERSATIONS } from './tidy-query.js';

/** The filter, or the places that are wrong. */
const filter = (query: object) => {
  const read = toConversationFilter(query);
  return read.ok ? read.filter : (read.problems ?? []).map(({ loc }) => loc.join('.'));
};
const warnings = (query: object) => {
  const read = toConversationFilter(query);
  return read.ok ? read.warnings : [];
};

describe('the query of the list of conversations', () => {
  it('[WP38] becomes a filter in the words of the store', () => {
    expect(filter({})).toEqual({ pageSize: 30 });
    const query = {
      agent_id: 'agent_1',
      user_id: 'u',
      page_size: '5',
      cursor: 'c',
      call_start_after_unix: '10',
      call_start_before_unix: '20',
      call_duration_min_secs: '3',
      call_duration_max_secs: '4',
      rating_min: '1.5',
      rating_max: '5',
      has_feedback_comment: 'false',
      termination_reasons: ['idle', 'client_left'],
      conversation_initiation_source: 'js_sdk',
      sort_direction: 'asc',
      'app_metadata.reference': 'o-1',
      text_only: 'true',
      call_successful: 'unknown',
      summary_mode: 'exclude',
    };
    expect(filter(query)).toEqual({
      agentId: 'agent_1',
      userId: 'u',
      pageSize: 5,
      cursor: 'c',
      startedAfter: 10_000,
      startedBefore: 20_000,
      minSecs: 3,
      maxSecs: 4,
      minRating: 1.5,
      maxRating: 5,
      commented: false,
      endReasons: ['idle', 'client_left'],
      sources: ['js_sdk'],
      oldestFirst: true,
      appMetadata: { reference: 'o-1' },
    });
    expect(warnings(query)).toEqual([]);
    expect(filter({ status: 'live' })).toEqual(['query.status.0']);
    expect(filter({ rating_min: 'x', call_duration_min_secs: '-1', text_only: 'perhaps' })).toEqual([
      'query.call_duration_min_secs',
      'query.rating_min',
      'query.text_only',
    ]);
    const read = toConversationFilter({ status: 'live' });
    expect(read).toMatchObject({ problems: [{ msg: expect.stringMatching(/^Choose status from /) }] });
    expect(filter({ 'app_metadata.': 'x' })).toEqual(['query.app_metadata.']);
  });

  it('[WP38] tells where conversations stand, and where they do not', () => {
    expect(filter({ status: 'in-progress' })).toMatchObject({ statuses: ['open', 'dropped'] });
    expect(filter({ status: 'initiated' })).toMatchObject({ statuses: ['created'] });
    expect(filter({ status: ['failed', 'in-progress'] })).toEqual({
      statuses: ['open', 'dropped', 'ended'],
      endStatus: 'failed',
      pageSize: 30,
    });
    expect(filter({ status: ['done', 'failed'] })).toEqual({ statuses: ['ended'], pageSize: 30 });
    expect(filter({ status: 'processing' })).toMatchObject({ statuses: [] });
    expect(filter({ exclude_statuses: ['initiated', 'done'] })).toEqual({
      statuses: ['open', 'dropped', 'ended'],
      endStatus: 'failed',
      pageSize: 30,
    });
    expect(filter({ status: 'done', exclude_statuses: 'done' })).toMatchObject({ statuses: [] });
    expect(filter({ text_only: 'false' })).toMatchObject({ statuses: [] });
    expect(filter({ call_successful: ['success', 'failure'] })).toMatchObject({ statuses: [] });
    expect(filter({ call_successful: ['success', 'unknown'] })).toEqual({ pageSize: 30 });
  });

  it('[WP55] names what narrows nothing, and refuses nothing because it was repeated', () => {
    expect(filter({ agent_id: ['agent_1', 'agent_2'], colour: ['red', 'blue'], tool_names: ['a', 'b'], summary_mode: 'include' })).toEqual({
      agentId: 'agent_2',
      pageSize: 30,
    });
    expect(warnings({ agent_id: ['agent_1', 'agent_2'], colour: 'red', tool_names: ['a', 'b'], summary_mode: 'include' })).toEqual([
      'agent_id was sent 2 times; the last one counts.',
      'colour is not a parameter of this list.',
      'tool_names is not applied: there is no such data here.',
      'summary_mode: there are no summaries here.',
    ]);
    for (const name of UNSERVED_OF_CONVERSATIONS)
      expect(warnings({ [name]: 'x' })).toEqual([`${name} is not applied: there is no such data here.`]);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${'x'.repeat(300)}${i}`, 'y']));
    expect(warnings(many).join().length).toBeLessThan(5_000);
  });
});

describe('the query of the list of agents', () => {
  it('[WP56] becomes a filter, with an order of its own for names', () => {
    const read = (query: object) => {
      const answer = toAgentFilter(query);
      return answer.ok ? [answer.filter, answer.warnings] : (answer.problems ?? []).map(({ loc }) => loc.join('.'));
    };
    expect(read({})).toEqual([{ order: 'newest', pageSize: 30 }, []]);
    expect(
      read({ search: 'x', archived: 'true', tags: ['a', 'b'], show_only_owned_agents: 'true', sort_by: 'name', page_size: '2' }),
    ).toEqual([{ search: 'x', archived: true, tags: ['a', 'b'], order: 'a to z', pageSize: 2 }, []]);
    expect(read({ sort_by: 'name', sort_direction: 'desc', tags: 'a' })).toEqual([{ tags: ['a'], order: 'z to a', pageSize: 30 }, []]);
    expect(read({ sort_direction: 'asc' })).toEqual([{ order: 'oldest', pageSize: 30 }, []]);
    expect(read({ sort_by: 'call_count_7d', created_by_user_id: 'u' })).toEqual([
      { order: 'newest', pageSize: 30 },
      [
        'created_by_user_id is not applied: there is no such data here.',
        'sort_by: call_count_7d is not counted here; the order is that of creation.',
      ],
    ]);
    expect(read({ page_size: '101' })).toEqual(['query.page_size']);
  });
});
