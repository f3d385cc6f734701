import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startTestApi } from '../../testing/start-test-api.js';
import { html, prose } from './markup.js';

describe('the page of the documents', () => {
  it('[OA4] shows every operation and every frame, from nowhere else, without a script', async () => {
    await using api = await startTestApi();
    const { status, headers, text } = await api.call('GET', '//docs', { key: null });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const openapi = (await api.call('GET', '//openapi.json', { key: null })).body as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const asyncapi = (await api.call('GET', '//asyncapi.json', { key: null })).body as {
      components: { messages: Record<string, { name: string }> };
    };
    const operations = Object.values(openapi.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    for (const id of operations) expect(text).toContain(`<details id="${id}">`);
    for (const { name } of Object.values(asyncapi.components.messages)) expect(text).toContain(`<details id="${name}">`);
    expect(text).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|javascript:/i);
    expect([...text.matchAll(/href="([^"]*)"/g)].map(([, to]) => to).filter((to) => to?.startsWith('#') === false)).toEqual(
      expect.arrayContaining(['openapi.json', 'asyncapi.json']),
    );
    expect(text).not.toMatch(/href="(https?:)?\/\//);
  });

  it('[OA4] shows commands that work as they are pasted, and says that the type of a message decides its scope', async () => {
    await using api = await startTestApi();
    const { text } = await api.call('GET', '//docs', { key: null });
    const commands = [...text.matchAll(/<code>(curl [^<]*)<\/code>/g)].map(([, command = '']) => command);
    expect(commands.length).toBeGreaterThan(20);
    // What is a pattern to curl, or stands for something without a name.
    for (const command of commands)
      expect(/^curl [^']*?"([^"]*)"/.exec(command.replaceAll('&quot;', '"'))?.[1]).toMatch(/^\$URL[^{}[\]…]*$/);
    expect(commands.join('\n')).toContain('/v1/convai/conversations/$CONVERSATION_ID/messages');
    expect(text).toContain(
      '<code>messages:write</code> or <code>messages:speak</code> or <code>takeover:write</code>: what is asked for decides which.',
    );
  });

  it('[OA4] lets a browser take nothing but its own style', async () => {
    await using api = await startTestApi();
    const { headers, text } = await api.call('GET', '//docs', { key: null });
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(text).not.toMatch(/\sstyle=/);
  });

  it('[OA4] shows what somebody wrote as it was written', () => {
    expect(html`<p title="${'"'}">${'<b>&'}${[html`<i>${1}</i>`, 'x']}</p>`.text).toBe('<p title="&quot;">&lt;b&gt;&amp;<i>1</i>x</p>');
    expect(prose('a `<code>` [b](c.json)\n\n[d](javascript:e)').text).toBe(
      '<p>a <code>&lt;code&gt;</code> <a href="c.json">b</a></p><p>[d](javascript:e)</p>',
    );
  });
});
