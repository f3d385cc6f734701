import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock, type SystemClock } from './system-clock.js';

const clocks: SystemClock[] = [];
afterEach(() => {
  for (const clock of clocks.splice(0)) clock.close();
});

const STALL_MS = 400;

function started(): SystemClock {
  const clock = createSystemClock({ stallMs: STALL_MS });
  clocks.push(clock);
  return clock;
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('a system clock', () => {
  it('[RT1] discounts a stall for whoever asks first, and never steps back', () => {
    const clock = started();
    const before = clock.mono();
    block(STALL_MS + 20);
    // No timer had a chance to run: the call itself must notice.
    const after = clock.mono();
    expect(after).toBe(before);
    block(20);
    expect(clock.mono()).toBe(before);
  });

  it('[RT1] goes on counting where it stood', async () => {
    const clock = started();
    const before = clock.mono();
    block(STALL_MS + 20);
    const rung = await new Promise<number>((resolve) => {
      clock.alarm(before + 50, () => resolve(clock.mono()));
      // Alarms keep no process alive, and this worker has nothing else to do.
      const alive = setInterval(() => {}, 1_000);
      clock.alarm(before + 50, () => clearInterval(alive));
    });
    expect(rung).toBeGreaterThanOrEqual(before + 49);
  });

  it('[RT2] reads the sockets before an alarm that fell into the stall rings', async () => {
    const clock = started();
    const seen: string[] = [];
    const server = createServer((socket) => socket.on('data', () => seen.push('data'))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [accepted] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
    client.write('I am here');
    const due = clock.mono() + 280;
    const rung = new Promise<void>((resolve) => {
      clock.alarm(due, () => {
        seen.push('alarm');
        resolve();
      });
    });
    // A timer that runs after the clock's own and before the sockets, and takes longer than the alarm had left.
    setTimeout(() => block(320), 260);
    block(STALL_MS + 20);
    expect(clock.mono()).toBeLessThan(due);
    await rung;
    expect(clock.mono()).toBeGreaterThanOrEqual(due - 1);
    expect(seen).toEqual(['data', 'alarm']);
    client.destroy();
    accepted[0].destroy();
    server.close();
  });

  it('[RT1] [RT3] discounts a SIGSTOP, and reports it once', async () => {
    const script = `
      import { createSystemClock } from ${JSON.stringify(new URL('./system-clock.js', import.meta.url).href)};
      const stalls = [];
      const clock = createSystemClock({ onStall: (ms) => stalls.push(ms) });
      const alive = setInterval(() => {}, 1000);
      const wall = performance.now();
      const mono = clock.mono();
      clock.alarm(mono + 300, () => {
        console.log(performance.now() - wall, clock.mono() - mono, ...stalls);
        clearInterval(alive);
      });
      console.log('ready');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    child.kill('SIGSTOP');
    const stopped = performance.now();
    await vi.waitUntil(() => performance.now() - stopped > 1_300, { timeout: 60_000 });
    child.kill('SIGCONT');
    const [wall = 0, mono = 0, ...stalls] = String((await lines.next()).value)
      .split(' ')
      .map(Number);
    expect(wall).toBeGreaterThan(1_300);
    expect(mono).toBeGreaterThanOrEqual(299);
    expect(wall - mono).toBeGreaterThan(1_000);
    expect(stalls.length).toBe(1);
    expect(stalls[0]).toBeGreaterThan(1_000);
    await once(child, 'exit');
  });

  it('[RT4] rings an alarm when it is due, and never one that was taken back', async () => {
    const clock = started();
    const start = clock.mono();
    const rung: string[] = [];
    const back = clock.alarm(start + 5, () => rung.push('taken back'));
    clock.alarm(start + 2 ** 33, () => rung.push('in three months'));
    back();
    const alive = setInterval(() => {}, 1_000);
    await new Promise<void>((resolve) => clock.alarm(start + 30, resolve));
    clearInterval(alive);
    expect(clock.mono()).toBeGreaterThanOrEqual(start + 29);
    expect(rung).toEqual([]);
  });

  it('[RT4] keeps no process alive with its alarms', async () => {
    const script = `
      import { createSystemClock } from ${JSON.stringify(new URL('./system-clock.js', import.meta.url).href)};
      createSystemClock().alarm(1e9, () => {});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
