import { describe, expect, it } from 'vitest';
import { type Asked, pageGuest } from './page-guest.js';

const HERE = { host: '127.0.0.1:4600', origin: 'http://127.0.0.1:4600' };

/** A browser's request with these headers, from this machine unless `other` says otherwise. */
const asked = (headers: Asked['headers'], other: Partial<Asked> = {}): Asked => ({
  headers: { connection: 'keep-alive', ...headers },
  httpVersion: '1.1',
  socket: { remoteAddress: '127.0.0.1' },
  ...other,
});

describe('who is given a conversation for the page', () => {
  it.each(['127.0.0.1:4600', 'localhost:4600', '[::1]:4600', 'localhost'])('[PG4] our own page at %s', (host) => {
    const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    expect(pageGuest({ host: '127.0.0.1' }, asked(headers))).toEqual({ origin: `ws://${host}` });
    expect(pageGuest({ host: 'localhost', publicUrl: 'http://127.0.0.1:8080' }, asked(headers))).toEqual({ origin: `ws://${host}` });
  });

  it.each([
    ['another name for this machine', { ...HERE, host: 'evil.test:4600', origin: 'http://evil.test:4600' }],
    ['a name that only looks like it', { ...HERE, host: '127.0.0.1.evil.test', origin: 'http://127.0.0.1.evil.test' }],
    ['no Host', { origin: 'http://127.0.0.1:4600' }],
    ['a proxy', { ...HERE, 'x-forwarded-for': '203.0.113.9' }],
    ['another proxy', { ...HERE, forwarded: 'for=203.0.113.9' }],
    ['one more', { ...HERE, via: '1.1 proxy' }],
    ['one that tells the address alone', { ...HERE, 'x-real-ip': '203.0.113.9' }],
    ['one that tells the scheme alone', { ...HERE, 'x-forwarded-proto': 'https' }],
    ['one that tells nothing and closes', { ...HERE, connection: 'close' }],
    ['one that tells nothing and keeps its own connections', { ...HERE, connection: undefined }],
  ])('[PG5] not with %s', (_what, headers) => {
    expect(pageGuest({ host: '127.0.0.1' }, asked(headers))).toMatchObject({ ok: false, code: 'page_only_local' });
  });

  it.each(['::1', '::ffff:127.0.0.1', '127.8.8.8'])('[PG4] from this machine as %s', (remoteAddress) => {
    expect(pageGuest({ host: '127.0.0.1' }, asked(HERE, { socket: { remoteAddress } }))).toEqual({ origin: 'ws://127.0.0.1:4600' });
  });

  it.each(['203.0.113.9', '::ffff:203.0.113.9', '2001:db8::1', '1270.0.0.1', undefined])(
    '[PG5] not from the address %s',
    (remoteAddress) => {
      expect(pageGuest({ host: '127.0.0.1' }, asked(HERE, { socket: { remoteAddress } }))).toMatchObject({ code: 'page_only_local' });
    },
  );

  it('[PG5] not over HTTP/1.0, as proxies talk', () => {
    expect(pageGuest({ host: '127.0.0.1' }, asked(HERE, { httpVersion: '1.0' }))).toMatchObject({ code: 'page_only_local' });
  });

  it.each([
    ['another origin', { ...HERE, origin: 'http://127.0.0.1:3000' }],
    ['another scheme', { ...HERE, origin: 'https://127.0.0.1:4600' }],
    ['another name of this machine', { ...HERE, origin: 'http://localhost:4600' }],
    ['an origin that is hidden', { ...HERE, origin: 'null' }],
    ['no origin', { host: HERE.host }],
    ['a cross-site request', { ...HERE, 'sec-fetch-site': 'cross-site' }],
    ['another port of this site', { ...HERE, 'sec-fetch-site': 'same-site' }],
  ])('[PG5] not from %s', (_what, headers) => {
    expect(pageGuest({ host: '127.0.0.1' }, asked(headers))).toMatchObject({ ok: false, code: 'page_only_local' });
  });

  it.each([
    ['bound to all addresses', { host: '0.0.0.0' }],
    ['bound to another address', { host: '192.168.1.5' }],
    ['reached by a public address', { host: '127.0.0.1', publicUrl: 'https://agents.example.com' }],
  ])('[PG5] not from a server that is %s', (_what, config) => {
    expect(pageGuest(config, asked(HERE))).toMatchObject({ ok: false, code: 'page_only_local' });
  });
});
