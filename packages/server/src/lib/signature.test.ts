import { parseOwn } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { type SignedClaims, sign, verify } from './signature.js';

const NOW = Date.parse('2030-01-01T00:00:00.000Z');
const CLAIMS: SignedClaims = { id: 'a', agentId: 'agent_a', workspaceId: 'ws_a', conversationId: 'conv_a', expiresAt: NOW + 900_000 };
const TOKEN = sign('secret', CLAIMS);
const check = (token: string, wall = NOW, secret = 'secret') => verify(secret, token, wall, parseOwn);

describe('the signature of a signed URL', () => {
  it('[AC40] with any one bit changed is invalid, wherever that bit is', () => {
    const bits = TOKEN.length * 8;
    expect(bits).toBeGreaterThan(1_400);
    let flips = 0;
    for (let bit = 0; bit < bits; bit++) {
      const bytes = Buffer.from(TOKEN, 'latin1');
      const place = bit >> 3;
      bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << (bit & 7)), place);
      expect([bit, check(bytes.toString('latin1'))]).toEqual([bit, { ok: false, reason: 'invalid' }]);
      flips += 1;
    }
    // And whole characters in each other's places, so that it comes to more than two thousand.
    for (let place = 0; place + 5 < TOKEN.length; place++) {
      for (const further of [1, 2, 3, 4, 5]) {
        const [a = '', b = ''] = [TOKEN[place], TOKEN[place + further]];
        if (a === b) continue;
        const swapped = TOKEN.slice(0, place) + b + TOKEN.slice(place + 1, place + further) + a + TOKEN.slice(place + further + 1);
        expect(check(swapped)).toEqual({ ok: false, reason: 'invalid' });
        flips += 1;
      }
    }
    expect(flips).toBeGreaterThan(2_000);
  });

  it('[AC40] cut, lengthened, padded, without a part or of another secret is invalid', () => {
    const [body = '', mac = ''] = TOKEN.split('.');
    const forged = [
      ...[
        '',
        '.',
        body,
        mac,
        `${body}.`,
        `.${mac}`,
        `${TOKEN}=`,
        `${TOKEN}A`,
        `${TOKEN} `,
        TOKEN.slice(0, -1),
        `${body}..${mac}`,
        `${body}.${mac}.${mac}`,
      ],
      `${body}.${mac.replaceAll('-', '+').replaceAll('_', '/')}=`,
      `${Buffer.from(JSON.stringify({ ...CLAIMS, agentId: 'agent_b' })).toString('base64url')}.${mac}`,
      sign('another secret', CLAIMS),
      sign('', CLAIMS),
      // What other formats of tokens would accept.
      `eyJhbGciOiJub25lIn0.${body}.`,
    ];
    for (const token of forged) expect([token, check(token)]).toEqual([token, { ok: false, reason: 'invalid' }]);
  });

  it('[AC41] holds until its end and half a minute more, for clocks that differ', () => {
    const end = CLAIMS.expiresAt;
    expect([check(TOKEN, end - 1_000).ok, check(TOKEN, end + 30_000).ok]).toEqual([true, true]);
    expect(check(TOKEN, end + 30_001)).toEqual({ ok: false, reason: 'expired' });
  });
});
