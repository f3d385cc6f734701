import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Refusal, refuse } from '@backchannel/protocol';
import type { ApiConfig } from './api-parts.js';
import { socketOrigin } from './public-url.js';

/** What proxies add: then whoever asks may be anywhere, whatever Host says. */
const PASSED_ON = /^(forwarded|via|x-real-ip|x-forwarded-.*)$/;
/** This machine, as a socket names it. */
const HERE = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;

/** What is looked at of a request; one of Node's is one. */
export type Asked = Pick<IncomingMessage, 'headers' | 'httpVersion'> & { readonly socket: Pick<Socket, 'remoteAddress'> };

/**
 * Who asks for a conversation of the page's own: `{ origin }` (where its sockets go) for our own page in a browser on this
 * machine, else why not. A Host that is no loopback name is another site's name that was made to lead here, an Origin other than
 * this very address is another page.
 */
export function pageGuest(
  config: Pick<ApiConfig, 'publicUrl' | 'host'>,
  { headers, httpVersion, socket }: Asked,
): { readonly origin: string } | Refusal {
  const origin = socketOrigin({ host: config.host }, headers.host);
  if (origin === undefined || !isHere(config.publicUrl) || !HERE.test(socket.remoteAddress ?? '')) return refuse('page_only_local');
  // A proxy on this machine that names itself nowhere still does not talk as browsers do: they keep their HTTP/1.1 connections.
  const direct = httpVersion === '1.1' && headers.connection?.toLowerCase() === 'keep-alive';
  if (!direct || Object.keys(headers).some((name) => PASSED_ON.test(name))) return refuse('page_only_local');
  const site = headers['sec-fetch-site'];
  if (headers.origin !== `http://${headers.host}` || (site !== undefined && site !== 'same-origin')) {
    return refuse('page_only_local', { message: `Only the server's own page is given a conversation; open http://${headers.host}/.` });
  }
  return { origin };
}

/** A public address that is this machine is for trying things out; any other is for people elsewhere. */
function isHere(publicUrl: string | undefined): boolean {
  return publicUrl === undefined || socketOrigin({ host: '127.0.0.1' }, new URL(publicUrl).host) !== undefined;
}
