import { describe, expect, it } from 'vitest';
import { hashKey, isApiKey, lastFour, newApiKey } from './api-key.js';

describe('API keys', () => {
  it('[AC10] have a prefix, 256 random bits and a checksum that tells them from chance', () => {
    const keys = Array.from({ length: 200 }, newApiKey);
    expect(new Set(keys).size).toBe(200);
    for (const key of keys) {
      expect(key).toMatch(/^bck_[0-9A-Za-z]{49}$/);
      expect(isApiKey(key)).toBe(true);
    }
    // Each of the 43 digits takes many values: none is fixed.
    for (let place = 5; place < 47; place++) expect(new Set(keys.map((key) => key[place])).size).toBeGreaterThan(20);
    const [key = ''] = keys;
    expect([hashKey(key), lastFour(key)]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), key.slice(49)]);
  });

  it('[AC10] with one character changed, or cut, are none', () => {
    const key = newApiKey();
    for (let place = 0; place < key.length; place++) {
      const other = key[place] === 'x' ? 'y' : 'x';
      expect(isApiKey(key.slice(0, place) + other + key.slice(place + 1))).toBe(false);
    }
    expect([isApiKey(key.slice(0, -1)), isApiKey(`${key}0`), isApiKey(''), isApiKey('bck_')]).toEqual([false, false, false, false]);
  });
});
