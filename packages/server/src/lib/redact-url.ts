/** What must not be read in a log, by the name it goes by in URLs, headers and fields. */
const SECRETS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'sec-websocket-protocol',
  'xi-api-key',
  'api-key',
  'apikey',
  'key',
  'token',
  'bearer',
  'signature',
  'conversation-signature',
  'signed-url',
  'secret',
  'password',
]);
const REDACTED = '[redacted]';

/** True for a name under which keys and signatures travel: `xi-api-key`, `conversation_signature`, `apiKey`, … */
export function isSecretName(name: string): boolean {
  return SECRETS.has(name.toLowerCase().replaceAll('_', '-'));
}

/**
 * Takes keys and signatures out of a URL, or out of a text with URLs in it: the values of secret query parameters
 * (also where their names are percent-encoded), user and password, and a `bearer.` subprotocol.
 */
export function redactUrl(text: string): string {
  return text
    .replace(/\bbearer([. ])[^\s,"'<>]+/gi, (_, joint: string) => `bearer${joint}${REDACTED}`)
    .replace(/(\/\/)[^\s/?#@"'<>]+@/g, `$1${REDACTED}@`)
    .replace(/(^|[?&;#\s])([^\s?&;#="'<>/]+)=([^\s&;#"'<>]+)/g, (whole, before: string, name: string) =>
      isSecretName(decoded(name)) ? `${before}${name}=${REDACTED}` : whole,
    );
}

function decoded(name: string): string {
  // Not decodeURIComponent, which throws at what is not UTF-8; a secret's name is ASCII.
  return name.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
