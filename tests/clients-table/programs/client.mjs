// node client.mjs <entry>: `@elevenlabs/client` of that entry in Node, told by JSON lines.
import { pathToFileURL } from 'node:url';
import WebSocket from 'ws';
import { clientSessions } from './client-sessions.mjs';
import { method, serve, tell } from './lines.mjs';

globalThis.WebSocket ??= WebSocket;
const sdk = await import(pathToFileURL(process.argv[2]).href);
await serve(clientSessions(sdk, tell, method));
