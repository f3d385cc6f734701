import { expect, it } from 'vitest';
import { agentOf, joined, official } from '../cases/stage.js';
import { oneServer } from '../compat/one-server.js';
import { until } from '../harness/until.js';
import { describeInPython, onePython } from './one-python.js';

const server = oneServer();
/** What breaks where an id is put into a URL or a line without care; the last one is as long as ids get in practice. */
const ODD = ['a+b@example.com', 'ünï 😀/☃', 'a b&agent_id=x#%2B?', "Robert'); --", 'x'.repeat(500), '😀'.repeat(120)];

type Read = {
  readonly conversation_id: string;
  readonly user_id: string | null;
  readonly user_id_verified: boolean;
  readonly metadata: { readonly warnings: readonly string[] };
};
type Page = { readonly conversations: readonly Read[] };

describeInPython('whose conversation it is, and who says so', () => {
  const python = onePython(server);
  const { api, agent } = {
    api: () => server().api,
    agent: () => server().api.createAgent({ ...agentOf(), platform_settings: { auth: { enable_auth: true } } }),
  };
  const liveOf = async (user_id: string): Promise<string[]> =>
    (await python().rest<Page>('conversations.list', { user_id })).conversations.map((one) => one.conversation_id);

  it('[CA40] what a client says of its user is shown, not verified, and finds the conversation while it is live', async () => {
    const id = await python().ask<string>('start', { session: 'u7', agent_id: await agent(), requires_auth: true, user_id: 'u7' });
    expect(await api().conversation<Read>(id)).toMatchObject({ user_id: 'u7', user_id_verified: false });
    expect(await liveOf('u7')).toEqual([id]);
    expect(await liveOf('u')).toEqual([]);
  });

  it('[CA40] what the backend says of the user stays, and a client that says otherwise is warned of', async () => {
    const agent_id = await agent();
    const { signedUrl, conversationId } = await api().mint(agent_id, { include_conversation_id: 'true', user_id: 'u8' });
    expect(await python().ask('start', { session: 'u8', agent_id, user_id: 'u9', on_prem_url: signedUrl })).toBe(conversationId);
    const read = await until('the warning', async () => {
      const now = await api().conversation<Read>(conversationId);
      return now.metadata.warnings.some((warning) => warning.startsWith('user_id_ignored')) && now;
    });
    expect(read).toMatchObject({ user_id: 'u8', user_id_verified: true });
    expect(await liveOf('u8')).toEqual([conversationId]);
    expect(await liveOf('u9')).toEqual([]);

    // A URL that names no conversation carries its user all the same.
    const { id } = await joined((await api().mint(agent_id, { user_id: 'u10' })).signedUrl);
    expect(await api().conversation<Read>(id)).toMatchObject({ user_id: 'u10', user_id_verified: true });
  });

  it('[CA41] every id comes back as it was given: from a client, in a signed URL, in a body, in a list', async () => {
    const agent_id = await agent();
    for (const user_id of ODD) {
      const fromPython = await python().ask<string>('start', { session: user_id, agent_id, requires_auth: true, user_id });
      const named = (await api().mint(agent_id, { include_conversation_id: 'true', user_id })).conversationId;
      const unnamed = await api().mint(agent_id, { user_id });
      const fromUrl = await joined(unnamed.signedUrl);
      const fromJs = await official({ signedUrl: (await api().mint(agent_id)).signedUrl }, { userId: user_id });
      const opened = await api().open(agent_id, { user_id });
      const all = [fromPython, named, fromUrl.id, fromJs.id, opened];
      for (const id of all) expect((await api().conversation<Read>(id)).user_id).toBe(user_id);
      expect((await liveOf(user_id)).sort()).toEqual(all.sort());
      expect((await api().list({ user_id })).length).toBe(all.length);
    }
  });
});
