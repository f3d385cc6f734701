import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '@backchannel/protocol';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { count } from '../harness/counts.js';
import { until } from '../harness/until.js';
import { residentBytes } from './from-inside.js';
import { type Ended, RawLine } from './raw-line.js';
import { chosenSeed } from './seed.js';
import { WatchedServer } from './watched-server.js';

const TARGET = '/v1/convai/conversation?agent_id=agent_demo';
const MIB = 1_048_576;
const GREETING_BYTES = 16_384;

async function serve(): Promise<WatchedServer> {
  const server = await WatchedServer.start({ BACKCHANNEL_RATE_LIMIT: 'off' });
  onTestFinished(() => server.stop());
  return server;
}

async function diskBytes(server: WatchedServer): Promise<number> {
  const files = await readdir(server.process.data);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(server.process.data, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A first frame for a client that chats, with these texts for the agent. */
const init = (agent: object, x: string): object => ({
  type: 'conversation_initiation_client_data',
  conversation_config_override: { agent, conversation: { text_only: true } },
  dynamic_variables: { x },
});

/** The greeting that it was given, or how it was refused. */
async function begin(server: WatchedServer, first: object): Promise<string | Ended> {
  const line = await RawLine.open(server.port, TARGET);
  line.json(first);
  const began = await until('a greeting, or the end', (): string | true | undefined => {
    const shown = line.frames.find(({ type }) => type === 'agent_response')?.agent_response_event;
    return isObject(shown) && typeof shown.agent_response === 'string' ? shown.agent_response : line.over || undefined;
  });
  const ended = began === true ? await line.ended : undefined;
  line.destroy();
  return ended ?? String(began);
}

describe('a small frame that asks for a large text', () => {
  it('[HC15] is refused before anything of it is built, over the socket and over REST', { timeout: 120_000 }, async () => {
    const server = await serve();
    const before = { memory: await residentBytes(server.process), disk: await diskBytes(server) };
    const places = '{{x}}'.repeat(6_000);
    const x = 'y'.repeat(30_000);
    const greetings = await Promise.all(Array.from({ length: 4 }, () => begin(server, init({ first_message: places }, x))));
    const prompts = await Promise.all(Array.from({ length: 4 }, () => begin(server, init({ prompt: { prompt: places } }, x))));
    for (const [field, ends, most] of [
      ['agent.first_message', greetings, 16_384],
      ['agent.prompt.prompt', prompts, 262_144],
    ] as const) {
      const reason = `invalid_request: ${field} has 180000000 bytes, variables included; ${most} are the most`;
      expect(ends).toEqual(Array(4).fill({ code: 1008, reason }));
    }
    const override = (agent: object) => ({ conversation_config_override: { agent } });
    for (const [param, body] of [
      ['agent.first_message', { first_message: '{{x}}'.repeat(3_000) }],
      ['agent.first_message', override({ first_message: '{{x}}'.repeat(100_000) })],
      ['agent.prompt.prompt', override({ prompt: { prompt: '{{x}}'.repeat(100_000) } })],
    ] as const) {
      const response = await fetch(`${server.api.url}/v1/convai/conversations`, {
        method: 'POST',
        headers: { 'xi-api-key': server.api.key, 'content-type': 'application/json' },
        body: JSON.stringify({ agent_id: 'agent_demo', dynamic_variables: { x }, ...body }),
      });
      expect([response.status, await response.json()]).toMatchObject([422, { detail: { code: 'invalid_request', param } }]);
    }
    expect((await residentBytes(server.process)) - before.memory).toBeLessThan(100 * MIB);
    expect((await diskBytes(server)) - before.disk).toBeLessThan(MIB);
    expect(await server.faults()).toEqual([]);
  });

  it('[HC15] is granted up to the limit, to the byte', { timeout: 600_000 }, async () => {
    const server = await serve();
    const near = fc.integer({ min: 1, max: 1_500 }).chain((places) => {
      const even = Math.floor(GREETING_BYTES / places);
      return fc.tuple(fc.constant(places), fc.oneof(fc.integer({ min: even - 1, max: even + 1 }), fc.integer({ min: 1, max: 30_000 })));
    });
    const property = fc.asyncProperty(near, async ([places, length]) => {
      const got = await begin(server, init({ first_message: '{{x}}'.repeat(places) }, 'y'.repeat(length)));
      const bytes = places * length;
      if (bytes <= GREETING_BYTES) expect(got).toBe('y'.repeat(bytes));
      else expect(got).toMatchObject({ code: 1008, reason: expect.stringContaining(`agent.first_message has ${bytes} bytes`) });
    });
    await fc.assert(property, { seed: chosenSeed('greetings'), numRuns: count(20, 1_000), endOnFailure: true, includeErrorInReport: true });
    expect(await server.faults()).toEqual([]);
  });
});
