import { describe, expect, it } from 'vitest';
import { OfficialClient } from '../compat/official-client.js';
import { agentOf, official, serve } from './stage.js';

type Conversation = {
  readonly user_id: string | null;
  readonly user_id_verified: boolean;
  readonly metadata: { readonly warnings: readonly string[] };
};

describe('whose conversation it is, and who says so', () => {
  it('[CA40] what the client says is its user, not verified, and finds the conversation while it is live', async () => {
    const { api, origin } = await serve();
    const agentId = await api.createAgent(agentOf());
    const client = await official({ origin, agentId }, { userId: 'u7' });
    expect(await api.conversation<Conversation>(client.id)).toMatchObject({ user_id: 'u7', user_id_verified: false });
    expect(await api.list({ user_id: 'u7', status: 'in-progress' })).toMatchObject([{ conversation_id: client.id }]);
    expect(await api.list({ user_id: 'u8' })).toEqual([]);
    await client.end();
  });

  it.each(['a conversation that the URL names', 'one that it opens'])(
    '[CA40] what the backend put into a signed URL stays against what the client says, with a warning: %s',
    async (what) => {
      const { api } = await serve();
      const agentId = await api.createAgent(agentOf());
      const named = what.includes('names') ? { include_conversation_id: 'true' } : {};
      const { signedUrl } = await api.mint(agentId, { user_id: 'u8', ...named });
      const client = await official({ signedUrl }, { userId: 'u9' });
      const conversation = await api.conversation<Conversation>(client.id);
      expect(conversation).toMatchObject({ user_id: 'u8', user_id_verified: true });
      expect(conversation.metadata.warnings).toEqual(expect.arrayContaining([expect.stringContaining('user_id')]));
      expect(await api.list({ user_id: 'u9' })).toEqual([]);
      // Who says the same as the backend is no reason to warn.
      const agreeing = await official({ signedUrl: (await api.mint(agentId, { user_id: 'u8', ...named })).signedUrl }, { userId: 'u8' });
      const { metadata } = await api.conversation<Conversation>(agreeing.id);
      expect(metadata.warnings.filter((warning) => warning.includes('user_id'))).toEqual([]);
    },
  );

  it('[CA41] a user id comes back letter by letter: through a signed URL, from the client, and as a filter', async () => {
    const { api, origin } = await serve();
    const agentId = await api.createAgent(agentOf());
    const long = '😀'.repeat(250);
    for (const userId of ['a+b', 'ada@example.com', 'ada lovelace', '100%', 'a&user_id=b', 'ö/😀#?', long]) {
      const { signedUrl, conversationId } = await api.mint(agentId, { user_id: userId, include_conversation_id: 'true' });
      const [minted, said] = [await official({ signedUrl }), await official({ origin, agentId }, { userId })];
      expect(minted.id).toBe(conversationId);
      for (const { id } of [minted, said]) expect(await api.conversation<Conversation>(id)).toMatchObject({ user_id: userId });
      const found = await api.list({ user_id: userId });
      expect(found.map(({ conversation_id: id }) => id).sort()).toEqual([minted.id, said.id].sort());
    }
  });
});

describe('an agent with an allowlist', () => {
  it('[CA51] is reached from where there is no origin by a signature alone', async () => {
    const { api, origin } = await serve();
    const agentId = await api.createAgent({
      ...agentOf({ firstMessage: 'Hello.' }),
      platform_settings: { auth: { allowlist: [{ hostname: 'app.example.com' }] } },
    });
    const reason = 'origin_not_allowed: no Origin header; come with a signed URL or an API key.';
    expect(await OfficialClient.refused({ origin, agentId })).toEqual({ code: 1008, reason, message: reason });
    const { signedUrl } = await api.mint(agentId);
    const authorization = new URL(signedUrl).searchParams.get('conversation_signature') ?? '';
    for (const way of [{ signedUrl }, { origin, agentId, authorization }]) await (await official(way)).line('Hello.');
  });
});
