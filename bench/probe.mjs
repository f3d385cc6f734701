// Loaded into every measured server before its program: answers over IPC what only the process itself can know.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('message', () => {
    // Once more for what the first collection's finalizers have let go.
    globalThis.gc();
    setImmediate(() => {
      globalThis.gc();
      const { rss, heapUsed, external } = process.memoryUsage();
      process.send({ rss, heapUsed, external });
    });
  });
  process.channel.unref();
}
