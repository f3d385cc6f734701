import type { IncomingHttpHeaders } from 'node:http';
import { type Refusal, refuse } from '@backchannel/protocol';
import type { ApiConfig } from './api-parts.js';
import { socketOrigin } from './public-url.js';

/** What a proxy adds: then whoever asks may be anywhere, whatever Host says. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * Who asks for a conversation of the page's own: `{ origin }` (where its sockets go) for our own page in a browser on this
 * machine, else why not. A Host that is no loopback name is another site's name that was made to lead here, an Origin other than
 * this very address is another page.
 */
export function pageGuest(
  config: Pick<ApiConfig, 'publicUrl' | 'host'>,
  headers: IncomingHttpHeaders,
): { readonly origin: string } | Refusal {
  const origin = socketOrigin({ host: config.host }, headers.host);
  if (origin === undefined || !isHere(config.publicUrl) || FORWARDED.some((name) => headers[name] !== undefined))
    return refuse('page_only_local');
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
