import { ActPlayer } from './act-player.js';
import { ConversationRules } from './conversation-rules.js';
import { must } from './log-rules.js';
import type { Life } from './random-acts.js';
import type { Rehearsal, RehearsalOptions } from './rehearsal.js';

/** Plays one life from its beginning to its end, and looks after every step; throws at the first thing that must not be. */
export function liveThrough(life: Life, options: RehearsalOptions = {}): Rehearsal {
  const player = new ActPlayer(life, options);
  const { rehearsal } = player;
  const rules = new ConversationRules(rehearsal);
  for (const step of player.begin()) rules.look(step);
  for (const act of life.acts) {
    const step = player.play(act);
    if (act.act === 'crash') rules.restart();
    rules.look(step);
  }
  for (const step of player.finish()) rules.look(step);
  must(rehearsal.record.phase === 'ended', 'it does not come to an end');
  return rehearsal;
}
