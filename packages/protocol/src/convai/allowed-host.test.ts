import { describe, expect, it } from 'vitest';
import { CreateAgentBody, newConfig } from './agent-config.js';
import { allowedHost, hostOfOrigin } from './allowed-host.js';
import { readBy } from './problems.js';

describe('an allowlist', () => {
  it.each([
    ['http://localhost:3000/', 'localhost:3000'],
    ['https://App.Example.com/chat?x=1#y', 'app.example.com'],
    ['example.com', 'example.com'],
    ['example.com/', 'example.com'],
    [' example.com:8443 ', 'example.com:8443'],
    ['https://example.com:443', 'example.com'],
    ['http://example.com:443', 'example.com:443'],
    ['127.0.0.1:4600', '127.0.0.1:4600'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('[WP50] keeps %j as %j', (entry, host) => expect(allowedHost(entry)).toBe(host));

  it.each([
    '',
    ' ',
    'null',
    'https://',
    '*.example.com',
    '*',
    'a b',
    'example.com.',
    'a..b',
    'user@example.com',
    'x:0',
    'x:65536',
    'x:y',
    '//x',
    '[::1',
    'a,b',
    'javascript:alert(1)',
    'x'.repeat(300),
  ])('[WP51] refuses %j, which no origin can have', (entry) => expect(allowedHost(entry)).toBeUndefined());

  it('[WP51] names the entry that is wrong, and has ten at most', () => {
    const problemsFor = (names: readonly string[]) => {
      const allowlist = names.map((hostname) => ({ hostname }));
      const read = readBy(CreateAgentBody, { conversation_config: {}, platform_settings: { auth: { allowlist } } });
      return read.ok ? newConfig(read.value).platform_settings : read.problems;
    };
    const loc = ['body', 'platform_settings', 'auth', 'allowlist'];
    expect(problemsFor(['ok.example', '*.bad.example'])).toMatchObject([
      { loc: [...loc, 1, 'hostname'], msg: expect.stringContaining('“*.bad.example”') },
    ]);
    expect(problemsFor(Array.from({ length: 11 }, (_, i) => `h${i}`))).toMatchObject([{ loc, msg: expect.stringContaining('10') }]);
    expect(problemsFor(['http://localhost:3000/'])).toEqual({ auth: { allowlist: [{ hostname: 'localhost:3000' }] } });
  });

  it.each([
    ['http://localhost:3000', 'localhost:3000'],
    ['HTTPS://App.Example.COM', 'app.example.com'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['https://example.com.', 'example.com.'],
    ['null', undefined],
    ['example.com', undefined],
    ['https://example.com/', undefined],
    ['https://example.com@evil.test', undefined],
  ])('[WP52] reads the origin %j as %j', (origin, host) => expect(hostOfOrigin(origin)).toBe(host));
});
