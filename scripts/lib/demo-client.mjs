import { Conversation } from '@elevenlabs/client';
import { WebSocket } from 'ws';

/** The newest socket that the official client has opened. */
let line;

// Node 20 has no WebSocket of its own; and a line that is to be cut has to be at hand.
globalThis.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    line = this;
  }
};

/** The official client as it comes from npm, in text. `hear(who, text)` is told every line that it gets. */
export class DemoClient {
  heard = [];
  waiting = [];

  static async start(way, hear) {
    const client = new DemoClient();
    client.gone = new Promise((resolve) => {
      client.leave = resolve;
    });
    client.session = await Conversation.startSession({
      ...way,
      connectionType: 'websocket',
      textOnly: true,
      onMessage: ({ role, message }) => {
        hear(role, message);
        client.heard.push({ role, message });
        for (const wake of client.waiting.splice(0)) wake();
      },
      onDisconnect: (details) => client.leave(details),
    });
    return client;
  }

  get id() {
    return this.session.getId();
  }

  say(text) {
    this.session.sendUserMessage(text);
  }

  /** Resolves when it has heard so many lines of the agent. */
  async answers(count) {
    while (this.heard.filter(({ role }) => role === 'agent').length < count) await new Promise((resolve) => this.waiting.push(resolve));
  }

  /** As a train in a tunnel does it: nobody says goodbye. */
  async loseLine() {
    line.terminate();
    await this.gone;
  }
}
