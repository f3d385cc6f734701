import { describe, expect, it } from 'vitest';
import { isSecretName, redactUrl } from './redact-url.js';

describe('redactUrl', () => {
  it.each([
    [
      '/v1/convai/conversation?agent_id=agent_1&conversation_signature=ab.cd',
      '/v1/convai/conversation?agent_id=agent_1&conversation_signature=[redacted]',
    ],
    ['wss://h/p?token=x.y&agent_id=a', 'wss://h/p?token=[redacted]&agent_id=a'],
    ['/p?agent_id=a&conversation%5Fsignature=ab&TOKEN=c#x', '/p?agent_id=a&conversation%5Fsignature=[redacted]&TOKEN=[redacted]#x'],
    ['/p?xi-api-key=k&xi_api_key=k', '/p?xi-api-key=[redacted]&xi_api_key=[redacted]'],
    ['redis://user:pass@host:6379/0', 'redis://[redacted]@host:6379/0'],
    ['convai, bearer.ab-c_d.ef', 'convai, bearer.[redacted]'],
    ['Authorization: Bearer abc', 'Authorization: Bearer [redacted]'.replace('Bearer', 'bearer')],
    ['failed for wss://h/p?token=abc (1008), retry', 'failed for wss://h/p?token=[redacted] (1008), retry'],
  ])('[RT6] takes the secret out of %s', (text, redacted) => {
    expect(redactUrl(text)).toBe(redacted);
  });

  it.each(['/p?agent_id=agent_1&token=', '/p?tokens=3&keyboard=x', 'https://host/a@b?x=1', 'a = b', '/p?%E0%A4%A=1', ''])(
    '[RT6] leaves %j as it is',
    (text) => {
      expect(redactUrl(text)).toBe(text);
    },
  );

  it('[RT6] knows a secret by its name in any spelling', () => {
    expect(['Authorization', 'XI-API-KEY', 'conversation_signature', 'signed_url', 'Cookie'].every(isSecretName)).toBe(true);
    expect(['agent_id', 'key_id', 'url', 'idempotency_key'].some(isSecretName)).toBe(false);
  });
});
