import {
  Conversation,
  type DisconnectionDetails,
  type PartialOptions,
  SessionConnectionError,
  type TextConversation,
} from '@elevenlabs/client';
import { WebSocket } from 'ws';
import { ToldByClient } from '../harness/told-by-client.js';

// Node 20 has no WebSocket of its own; where there is one the client is tried with it, as its users have it.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket; // the same interface as far as the SDK uses it

/** How a client gets in: by agent at `origin` (with `authorization`, when private), or by signed URL. */
export type Way = { readonly signedUrl: string } | { readonly origin: string; readonly agentId: string; readonly authorization?: string };

/** The unmodified official client in text, with everything its callbacks told. */
export class OfficialClient extends ToldByClient {
  conversation: TextConversation | undefined;

  /** Resolves when the session is there; rejects as `startSession` does. */
  static async start(way: Way, options: Partial<PartialOptions> = {}): Promise<OfficialClient> {
    const client = new OfficialClient();
    // The union of ways in is exclusive by `never` fields, which a spread cannot express.
    const all = { connectionType: 'websocket', ...way, ...client.callbacks, ...options, textOnly: true } as PartialOptions & {
      textOnly: true;
    };
    client.conversation = await Conversation.startSession(all);
    return client;
  }

  /** The refusal of a session that must not start: code and reason as the app gets them. */
  static async refused(
    way: Way,
    options: Partial<PartialOptions> = {},
  ): Promise<{ code: number | undefined; reason: string | undefined; message: string }> {
    try {
      const client = await OfficialClient.start(way, options);
      await client.end();
    } catch (error) {
      if (!(error instanceof SessionConnectionError)) throw error;
      return { code: error.closeCode, reason: error.closeReason, message: error.message };
    }
    throw new Error('the session started');
  }

  get id(): string {
    return this.session.getId();
  }

  get session(): TextConversation {
    if (!this.conversation) throw new Error('the session did not start');
    return this.conversation;
  }

  async end(): Promise<DisconnectionDetails> {
    await this.session.endSession();
    return this.disconnected;
  }
}
