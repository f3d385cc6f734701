import type { ApiConfig } from './api-parts.js';

/** `localhost`, `127.x.y.z` or `::1`, as it stands in a URL. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
const isLoopback = (host: string): boolean => LOOPBACK.test(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/**
 * Where clients open sockets: scheme, host and path prefix, without a slash at the end. Taken from the configured
 * address; from the request's own Host only when both it and the server are on loopback, because anybody can
 * write a Host. `undefined` when it is not known.
 */
export function socketOrigin(config: Pick<ApiConfig, 'publicUrl' | 'host'>, hostHeader: string | undefined): string | undefined {
  if (config.publicUrl !== undefined) {
    const url = new URL(config.publicUrl);
    const scheme = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
    return `${scheme}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
  }
  if (!isLoopback(config.host) || hostHeader === undefined || !LOOPBACK.test(hostHeader)) return undefined;
  return `ws://${hostHeader}`;
}

/** The path of the configured address, which a proxy may leave in front of ours; empty when there is none. */
export const pathPrefix = (publicUrl: string | undefined): string =>
  publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');

/** A request's URL as our routes have it. */
export const withoutPrefix = (url: string, prefix: string): string => (url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url);
