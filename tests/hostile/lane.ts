import { isObject } from '@backchannel/protocol';
import type { Api } from '../harness/api.js';
import { until } from '../harness/until.js';
import type { OddFrame } from './odd-frames.js';
import { RawLine } from './raw-line.js';

const STATED = new Set([1002, 1003, 1007, 1008, 1009]);
const INIT = { type: 'conversation_initiation_client_data', conversation_config_override: { conversation: { text_only: true } } };
/** Frames after which a conversation is ended and another is begun, so that none gets longer than conversations do. */
const FRAMES_EACH = 200;

/** One conversation at a time, and a client in it that sends what no client should. */
export class Lane {
  frames = 0;
  rejoins = 0;
  private probes = 0;
  private since = 0;

  private constructor(
    private readonly port: number,
    private readonly api: Api,
    private line: RawLine,
    private id: string,
    private readonly patienceMs: number,
  ) {}

  /** `patienceMs` is how long a probe may take. */
  static async start(port: number, api: Api, patienceMs = 20_000): Promise<Lane> {
    const { line, id } = await join(port, '/v1/convai/conversation?agent_id=agent_demo');
    return new Lane(port, api, line, id, patienceMs);
  }

  /** Sends it all; throws unless the conversation answers afterwards, by this line or, when it broke one, by the next. */
  async take(frames: readonly OddFrame[]): Promise<void> {
    if (this.since > FRAMES_EACH) await this.renew();
    for (const { bytes } of frames) this.line.write(bytes);
    this.frames += frames.length;
    this.since += frames.length;
    const ends = frames.at(-1)?.ends;
    if (ends === 'cut') this.line.destroy();
    if (ends === undefined) {
      if (!(await this.line.answers())) throw new Error(`The line ended with ${JSON.stringify(await this.line.ended)}.`);
    } else {
      const { code, reason } = await this.line.ended;
      if (ends === 'closed' && !(STATED.has(code) && reason !== '')) throw new Error(`It was closed ${code} "${reason}".`);
      await this.rejoin();
    }
    await this.probe();
  }

  /** A line from a backend that this client is shown and confirms: both ways, through the conversation and its store. */
  async probe(): Promise<void> {
    const text = `Probe ${++this.probes}.`;
    const sent = await this.api.send(this.id, { type: 'agent_message', text, wait_for: 'spoken', timeout_ms: this.patienceMs });
    const { timeline } = await this.api.message(this.id, sent.message_id);
    const spoken = timeline.find(({ level }) => level === 'spoken');
    if (sent.status !== 'spoken' || spoken?.basis === 'written')
      throw new Error(`The probe is ${JSON.stringify(sent)}, ${JSON.stringify(spoken)}.`);
    if (!this.line.frames.some((frame) => isObject(frame.agent_response_event) && frame.agent_response_event.agent_response === text)) {
      throw new Error('The probe was confirmed and never shown.');
    }
    this.line.frames.length = 0;
  }

  async end(): Promise<void> {
    await this.api.end(this.id);
    await this.line.ended;
  }

  private async renew(): Promise<void> {
    await this.end();
    const { line, id } = await join(this.port, '/v1/convai/conversation?agent_id=agent_demo');
    [this.line, this.id, this.since] = [line, id, 0];
  }

  private async rejoin(): Promise<void> {
    this.rejoins++;
    const { signedUrl } = await this.api.mint('agent_demo', { conversation_id: this.id, join: 'resume' });
    const { pathname, search } = new URL(signedUrl);
    const { line, id } = await join(this.port, pathname + search);
    if (id !== this.id) throw new Error(`${this.id} was rejoined as ${id}.`);
    this.line = line;
  }
}

async function join(port: number, target: string): Promise<{ line: RawLine; id: string }> {
  const line = await RawLine.open(port, target);
  line.json(INIT);
  const id = await until('the metadata', () => {
    const event = line.frames[0]?.conversation_initiation_metadata_event;
    if (line.over) throw new Error('The client was not let in.');
    return isObject(event) && typeof event.conversation_id === 'string' ? event.conversation_id : undefined;
  });
  return { line, id };
}
