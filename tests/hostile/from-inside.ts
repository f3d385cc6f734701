import type { ServerProcess } from '../harness/server-process.js';

/** Bytes that the process has of the machine's memory. */
export async function residentBytes(server: ServerProcess): Promise<number> {
  return Number(await server.evaluate('process.memoryUsage.rss()'));
}

/** How many connections it has open, whatever they are for. */
export async function openLines(server: ServerProcess): Promise<number> {
  return Number(await server.evaluate("process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length"));
}
