import { expect, it } from 'vitest';
import { readEnvironment } from './environment.js';

const APP = 'https://app.example.com';

it('[RE104] BACKCHANNEL_CORS_ORIGINS is a list of origins as browsers send them, or the start says which entry is none', () => {
  const read = (value: string) => {
    const answer = readEnvironment({ BACKCHANNEL_CORS_ORIGINS: value });
    return answer.ok ? answer.environment.BACKCHANNEL_CORS_ORIGINS : answer.problems;
  };
  expect(read('')).toEqual([]);
  expect(read(`${APP}, http://10.0.0.5:3000`)).toEqual([APP, 'http://10.0.0.5:3000']);
  for (const entry of ['*', 'null', 'app.example.com', `${APP}/`, `${APP}/x`, `${APP}:443`, 'https://App.example.com', 'ftp://x', '']) {
    expect(read(`${APP},${entry}`)).toEqual([expect.stringContaining(`"${entry}" is none`)]);
  }
});
