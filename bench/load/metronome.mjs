// A thread that tells the generator's main thread when an operation is due. Timers of the event loop are a millisecond late, which
// would be half of what is measured.
import { parentPort } from 'node:worker_threads';

const cell = new Int32Array(new SharedArrayBuffer(4));
const now = () => Number(process.hrtime.bigint()) / 1e6;

parentPort.on('message', ({ perSecond, start, end }) => {
  for (let beat = 0; ; beat++) {
    const due = start + (beat * 1_000) / perSecond;
    if (due >= end) break;
    const wait = due - now();
    if (wait > 0) Atomics.wait(cell, 0, 0, wait);
    parentPort.postMessage(due);
  }
  parentPort.postMessage('over');
});
