import { describe, expect, it } from 'vitest';
import { pathPrefix, socketOrigin, withoutPrefix } from './public-url.js';

describe('socketOrigin', () => {
  it.each([
    ['https://x.test', 'wss://x.test'],
    ['https://x.test/', 'wss://x.test'],
    ['https://x.test/voice', 'wss://x.test/voice'],
    ['https://x.test/voice/', 'wss://x.test/voice'],
    ['http://x.test:8080/a/b', 'ws://x.test:8080/a/b'],
    ['wss://x.test', 'wss://x.test'],
  ])('[RE40] %s becomes %s, whatever Host says', (publicUrl, origin) => {
    expect(socketOrigin({ publicUrl, host: '0.0.0.0' }, 'evil.test')).toBe(origin);
    expect(socketOrigin({ publicUrl, host: '127.0.0.1' }, '127.0.0.1:4600')).toBe(origin);
  });

  it.each(['127.0.0.1:4600', 'localhost:4600', '[::1]:4600', 'LOCALHOST', '127.9.8.7'])(
    '[RE41] on loopback the request’s Host %s is used',
    (host) => {
      for (const bound of ['127.0.0.1', 'localhost', '::1']) expect(socketOrigin({ host: bound }, host)).toBe(`ws://${host}`);
    },
  );

  it.each(['evil.test', 'localhost.evil.test', '127.0.0.1.evil.test', '127.0.0.1:1/x', 'user@127.0.0.1', '', undefined])(
    '[RE41] on loopback a Host of %s is not believed',
    (host) => expect(socketOrigin({ host: '127.0.0.1' }, host)).toBeUndefined(),
  );

  it.each(['0.0.0.0', '::', '192.168.1.5', 'my-machine'])('[RE42] bound to %s without a public URL, the address is not known', (host) => {
    expect(socketOrigin({ host }, '127.0.0.1:4600')).toBeUndefined();
  });
});

describe('a path before ours', () => {
  it.each([
    ['https://x.test/voice', '/voice/v1/convai/agents?page_size=1', '/v1/convai/agents?page_size=1'],
    ['https://x.test/voice/', '/voice/healthz', '/healthz'],
    ['https://x.test/voice', '/v1/convai/agents', '/v1/convai/agents'],
    ['https://x.test/voice', '/voices/healthz', '/voices/healthz'],
    ['https://x.test/a/b', '/a/b/healthz', '/healthz'],
    ['https://x.test', '/healthz', '/healthz'],
    [undefined, '/voice/healthz', '/voice/healthz'],
  ])('[RE47] with %s %s is asked for as %s', (publicUrl, asked, ours) => {
    expect(withoutPrefix(asked, pathPrefix(publicUrl))).toBe(ours);
  });
});
