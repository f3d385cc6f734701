const ENTRY = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^\s/?#@\\%*:[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(?:[/?#].*)?$/i;
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/;
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/([^/?#@\s]+)$/i;
const MAX_HOST_LENGTH = 253;
/** A browser leaves these out of an origin. */
const USUAL_PORTS: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 };

/**
 * An entry of an agent's allowlist as `host[:port]`, the way a browser writes it in an origin: in lower case and
 * ASCII, without scheme, path and slash. `undefined` for what no origin can have, such as a pattern or `null`.
 */
export function allowedHost(entry: string): string | undefined {
  const [, scheme, name, digits] = ENTRY.exec(entry.trim()) ?? [];
  if (name === undefined || name.toLowerCase() === 'null' || !URL.canParse(`http://${name}`)) return undefined;
  const host = new URL(`http://${name}`).hostname;
  if (!HOST.test(host) || host.length > MAX_HOST_LENGTH) return undefined;
  if (digits === undefined) return host;
  const port = Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  return scheme !== undefined && USUAL_PORTS[scheme.toLowerCase()] === port ? host : `${host}:${port}`;
}

/** The `host[:port]` of an `Origin` header, in lower case; `undefined` for `null` and for what is no origin. */
export function hostOfOrigin(origin: string): string | undefined {
  return ORIGIN.exec(origin)?.[1]?.toLowerCase();
}
