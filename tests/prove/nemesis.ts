import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';
import type { ServerProcess } from './server-process.js';
import type { Subscriber } from './subscriber.js';

/** What the run has reached, and what waits for it. */
export class Progress {
  acknowledged = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  acknowledge(): void {
    this.acknowledged += 1;
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (this.acknowledged < count) return true;
      resolve();
      return false;
    });
  }

  /** Resolves when so many messages are acknowledged. */
  reached(count: number): Promise<void> {
    if (this.acknowledged >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

/** Milliseconds from each kill until the server is there again for senders and for clients. */
export class Recovery {
  readonly toAcknowledge: number[] = [];
  readonly toDeliver: number[] = [];
  #killedAt = 0;
  #acknowledges = true;
  #delivers = true;

  killed(): void {
    this.#killedAt = performance.now();
    this.#acknowledges = false;
    this.#delivers = false;
  }

  /** A try that left at `sentAt` was acknowledged; one from before the kill says nothing of the new server. */
  acknowledged(sentAt: number): void {
    if (this.#acknowledges || sentAt < this.#killedAt) return;
    this.toAcknowledge.push(performance.now() - this.#killedAt);
    this.#acknowledges = true;
  }

  /** A line came to a client that joined at `joinedAt`. */
  delivered(joinedAt: number): void {
    if (this.#delivers || joinedAt < this.#killedAt) return;
    this.toDeliver.push(performance.now() - this.#killedAt);
    this.#delivers = true;
  }
}

export type Battlefield = {
  readonly server: ServerProcess;
  readonly subscribers: readonly [Subscriber, ...Subscriber[]];
  readonly recorder: Recorder;
  readonly progress: Progress;
  readonly recovery: Recovery;
  readonly messages: number;
  readonly random: Random;
};

/** So long after a count was reached, at most, in milliseconds: the kill hits any moment of the work, not the one after an answer. */
const JITTER_MS = 30;
/** One kill in so many comes while the server is still starting after the one before, within so many milliseconds. */
const WHILE_STARTING = { oneIn: 8, withinMs: 1_000 } as const;

/** kill -9 under load, `kills` times, spread over the run, each followed by a start at once. */
export async function killAgainAndAgain(field: Battlefield, kills: number): Promise<void> {
  const { server, recorder, progress, recovery, messages, random } = field;
  for (let kill = 1; kill <= kills; kill++) {
    const starting = kill > 1 && random() * WHILE_STARTING.oneIn < 1;
    if (!starting) await progress.reached(messages * (0.02 + (0.94 * (kill - 1 + random())) / kills));
    await pause((starting ? WHILE_STARTING.withinMs : JITTER_MS) * random());
    recorder.tell({ type: 'kill', server: kill });
    recovery.killed();
    await server.kill();
    server.start();
    recorder.tell({ type: 'start', server: kill + 1 });
  }
}

/** Clients whose network fails on its own, `losses` times, spread over the run. */
export async function loseClients({ subscribers, progress, messages, random }: Battlefield, losses: number): Promise<void> {
  for (let loss = 1; loss <= losses; loss++) {
    await progress.reached(messages * (0.01 + (0.94 * (loss - 1 + random())) / losses));
    const subscriber = subscribers[Math.floor(random() * subscribers.length)] ?? subscribers[0];
    await subscriber.lose(20 + 80 * random());
  }
}
