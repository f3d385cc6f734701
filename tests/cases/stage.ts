import { isObject } from '@backchannel/protocol';
import { type Frame, ManualClock, RawClient, type RawClientOptions } from '@backchannel/server/testing';
import { expect, onTestFailed, onTestFinished } from 'vitest';
import { OfficialClient, type Way } from '../compat/official-client.js';
import { answerPings } from '../harness/answer-pings.js';
import { CutProxy } from '../harness/cut-proxy.js';
import { passTime } from '../harness/pass-time.js';
import { ScriptedModel } from '../harness/scripted-model.js';
import { type ProcessOptions, ServerProcess } from '../harness/server-process.js';
import { type ServerOptions, startServer, type TestServer } from '../harness/start-server.js';

/** Longer than what is left of a client's first 100 ms. */
export const FIRST_MOMENT_MS = 100;

/** A server for one test. At its end nothing may have gone wrong inside of it that nobody was told. */
export async function serve(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer({ ...options, env: { BACKCHANNEL_RATE_LIMIT: 'off', ...options.env } });
  onTestFinished(async () => {
    const stopped = server.stop();
    // A drain waits for replies, and nobody else moves that clock any more.
    await (options.clock instanceof ManualClock ? passTime(options.clock, stopped) : stopped);
    expect(server.log.errors).toEqual([]);
  });
  return server;
}

/** The same with a clock that stands still until the test moves it. */
export async function serveByHand(options: Omit<ServerOptions, 'clock'> = {}): Promise<TestServer & { readonly clock: ManualClock }> {
  const clock = new ManualClock();
  return { ...(await serve({ ...options, clock })), clock };
}

/** The server as a process, with a model that outlives it. */
export async function serveApart(
  options: ProcessOptions & { strict?: boolean } = {},
): Promise<{ server: ServerProcess; model: ScriptedModel }> {
  const model = await ScriptedModel.start(options);
  onTestFinished(() => model.close());
  const server = await ServerProcess.start({ env: { BACKCHANNEL_LLM_URL: model.url, BACKCHANNEL_RATE_LIMIT: 'off', ...options.env } });
  onTestFinished(() => server.stop());
  onTestFailed(() => console.error(server.output));
  return { server, model };
}

export async function proxyTo(port: number): Promise<CutProxy> {
  const proxy = await CutProxy.start(port);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** The official client for one test. */
export async function official(way: Way, options?: Parameters<typeof OfficialClient.start>[1]): Promise<OfficialClient> {
  const client = await OfficialClient.start(way, options);
  onTestFinished(async () => void (await client.session.endSession()));
  return client;
}

/** A client by hand for one test; answers every JSON ping unless told otherwise. */
export async function raw(
  url: string,
  { answersPings = true, ...options }: RawClientOptions & { answersPings?: boolean } = {},
): Promise<RawClient> {
  const client = await RawClient.open(url, options);
  onTestFinished(() => client.cut());
  if (answersPings) answerPings(client);
  return client;
}

/** From the metadata frame, which must be the first. */
export function conversationIdOf(frame: Frame): string {
  const metadata = frame.conversation_initiation_metadata_event;
  if (!isObject(metadata) || typeof metadata.conversation_id !== 'string') throw new Error(`no metadata but ${JSON.stringify(frame)}`);
  return metadata.conversation_id;
}

/** Where a client knocks that wants a conversation of its own. */
export const socketOf = (server: { readonly origin: string }, agentId: string): string =>
  `${server.origin}/v1/convai/conversation?agent_id=${agentId}`;

/** A client by hand that is in, past its first moment when the clock is the system's or was moved. */
export async function joined(url: string, options?: Parameters<typeof raw>[1]): Promise<{ client: RawClient; id: string }> {
  const client = await raw(url, options);
  client.init();
  return { client, id: conversationIdOf(await client.next()) };
}

/** An agent that asks the scripted model, silent until it is spoken to unless `firstMessage` says otherwise. */
export const agentOf = ({
  firstMessage = '',
  endCall = false,
  ...platform
}: {
  firstMessage?: string;
  endCall?: boolean;
  overrides?: object;
} = {}) => ({
  name: 'Case',
  conversation_config: {
    agent: {
      first_message: firstMessage,
      language: 'en',
      prompt: {
        prompt: 'You help with parcels.',
        llm: 'gpt-4o-mini',
        ...(endCall ? { built_in_tools: { end_call: { type: 'system', name: 'end_call', description: '' } } } : {}),
      },
    },
    conversation: { text_only: true },
  },
  platform_settings: platform.overrides === undefined ? {} : { overrides: { conversation_config_override: platform.overrides } },
});
