// Loaded into every measured server before its program, and so into its threads: answers over IPC what only the process itself
// can know. Its threads collect their garbage as well; what the process holds then, it needs.
import { isMainThread } from 'node:worker_threads';

/** Time for threads to collect, and for the finalizers of the first collection, in milliseconds. */
const COLLECTING_MS = 500;

const channel = new BroadcastChannel('backchannel-probe');
channel.unref();
/** Without options: with them Node 20 leaves most of the garbage where it is. */
const collect = () => globalThis.gc();

if (isMainThread) {
  process.on('message', () => {
    channel.postMessage('collect');
    collect();
    setTimeout(() => {
      collect();
      const { rss, heapUsed, external } = process.memoryUsage();
      process.send({ rss, heapUsed, external, resources: process.getActiveResourcesInfo().length });
    }, COLLECTING_MS);
  });
  // Whoever measured is gone, in whatever way.
  process.once('disconnect', () => process.exit(1));
  process.channel.unref();
} else {
  channel.onmessage = collect;
}
