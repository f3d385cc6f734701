import type { FastifyReply } from 'fastify';

/** What a Host may look like that is written into a header of ours. */
const HOST = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/;

/**
 * The page may load and reach what comes from this server and nothing else, and nobody may frame it: whatever somebody gets
 * into a conversation stays text. Sockets are named by host, because not every browser counts them to 'self'.
 */
export function contentPolicy(host: string | undefined): string {
  const sockets = host !== undefined && HOST.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${sockets}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** The headers of everything that belongs to the page. */
export function withPageHeaders(reply: FastifyReply): FastifyReply {
  return reply
    .header('content-security-policy', contentPolicy(reply.request.headers.host))
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
}
