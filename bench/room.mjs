import { existsSync, readFileSync } from 'node:fs';

/** Descriptors that a server or a generator has besides its conversations. */
const BESIDES = 300;

/** Throws an Error with what to do when this machine has not what measuring `conversations` needs. */
export function checkRoom(conversations) {
  if (!existsSync('/proc/self/stat'))
    throw new Error('The CPU and the memory of a server are read from /proc: this needs Linux. --only=start runs anywhere.');
  const allowed = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Number.POSITIVE_INFINITY);
  if (allowed >= conversations + BESIDES) return;
  throw new Error(
    `${conversations} open conversations need ${conversations + BESIDES} file descriptors a process, and ${allowed} are allowed (ulimit -Hn): ` +
      'allow more (as root: prlimit --nofile=32768 --pid $$), or ask for fewer conversations: --sizes=10,1000 --idle=1000.',
  );
}
