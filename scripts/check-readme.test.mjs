import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkReadme } from './check-readme.mjs';
import { readmeBlocks } from './lib/readme-blocks.mjs';
import { REPOSITORY } from './lib/repository.mjs';
import { withTree } from './lib/temporary-tree.mjs';

const block = (marker, language, text) => `${marker}\n\`\`\`${language}\n${text}\n\`\`\`\n\n`;

describe('reading', () => {
  it('finds each block with its marker', () => {
    const text = `# X\n\n${block('<!-- run: sh, expect: /a.*b/ -->', 'sh', 'echo ab')}${block('', 'json', '{}')}${block('<!-- run: js &, expect: /on/ -->', 'js', 'x()')}`;
    const { blocks, problems } = readmeBlocks('README.md', text);
    expect(problems).toEqual([]);
    expect(blocks).toMatchObject([
      { line: 4, kind: 'sh', text: 'echo ab\n', background: false, expect: /a.*b/s },
      { kind: 'js', text: 'x()\n', background: true },
    ]);
  });

  it('reads a block inside a list', () => {
    const { blocks } = readmeBlocks('README.md', '- so:\n\n  <!-- run: sh -->\n  ```sh\n  if true; then\n    echo a\n  fi\n  ```\n');
    expect(blocks[0].text).toBe('if true; then\n  echo a\nfi\n');
  });

  it.each([
    ['no marker', block('', 'sh', 'ls'), /README\.md:2: no "<!-- run/],
    ['no marker before a program', block('', 'python', 'x'), /no "<!-- run/],
    ['text between marker and block', block('<!-- run: sh -->\nwell:', 'sh', 'ls'), /no "<!-- run/],
    ['none without a reason', block('<!-- run: none -->', 'sh', 'ls'), /needs a reason/],
    ['an unknown kind', block('<!-- run: ruby -->', 'sh', 'ls'), /is none of/],
    ['something not understood', block('<!-- run: sh, expects a -->', 'sh', 'ls'), /not understood/],
  ])('refuses %s', (_, text, problem) => {
    expect(readmeBlocks('README.md', text).problems).toEqual([expect.stringMatching(problem)]);
  });
});

describe('running', () => {
  const server = `
    import { createServer } from 'node:http';
    import { mkdirSync, writeFileSync } from 'node:fs';
    mkdirSync(process.env.BACKCHANNEL_DATA, { recursive: true });
    writeFileSync(process.env.BACKCHANNEL_DATA + '/api-key', 'secret');
    createServer((request, response) => response.end('you said ' + request.url + ' with ' + request.headers['xi-api-key'])).listen(process.env.PORT, '127.0.0.1');
  `;
  const project = { 'package.json': '{"private":true,"scripts":{"start":"node server.mjs"}}', 'server.mjs': server };
  const curl = 'curl -s http://127.0.0.1:4600/hello -H "xi-api-key: $(cat data/api-key)"';

  it('pastes the blocks of a file into one terminal, with programs beside it', async () => {
    const backend =
      "import { createServer } from 'node:http';\ncreateServer((_, r) => r.end('backend')).listen(0, function () { console.log('ready ' + this.address().port); });";
    const readme = [
      block('<!-- run: server -->', 'sh', 'npm start'),
      block('<!-- run: curl, expect: /you said .hello with secret/ -->', 'sh', curl),
      block('<!-- run: sh -->', 'sh', 'id=conv_1'),
      block('<!-- run: sh, expect: /^conv_1\\n/ -->', 'sh', 'echo $id'),
      block('<!-- run: js &, expect: /ready \\d+/ -->', 'js', backend),
      block('<!-- run: ts, expect: /^42/ -->', 'ts', 'const answer: number = 42;\nconsole.log(answer);'),
      block('<!-- run: none, it would remove everything -->', 'sh', 'exit 1'),
    ];
    const files = {
      ...project,
      'README.md': readme.join(''),
      'docs/guide.md': block('<!-- run: sh, expect: /^none\\n/ -->', 'sh', 'echo ${id:-none}'),
    };
    expect(await withTree(files, checkReadme)).toEqual([]);
  });

  it.each([
    ['a command that fails', 'sh', 'echo why; false', '', /^README\.md:2: failed, printing:\nwhy/],
    ['another answer than promised', 'sh', curl, ', expect: /goodbye/', /^README\.md:2: printed nothing like .*hello/s],
    ['a block that ends the terminal', 'sh', 'exit 0', '', /^README\.md:2: failed.*the shell ended/s],
    ['a program that throws', 'js', 'throw new Error("oh")', '', /^README\.md:2: failed.*oh/s],
  ])('refuses %s, and shows what the server printed', async (_, kind, text, expected, problem) => {
    const problems = await withTree({ ...project, 'README.md': block(`<!-- run: ${kind}${expected} -->`, kind, text) }, checkReadme);
    expect(problems).toEqual([expect.stringMatching(problem), expect.stringMatching(/^The server printed:/)]);
  });

  it('refuses a page whose types do not fit', async () => {
    const page = "import { useState } from 'react';\nexport default function App() { useState<number>('one'); return <p />; }";
    const files = { ...project, 'README.md': block('<!-- run: page -->', 'tsx', page), 'tests/package.json': '{}' };
    const problems = await withTree(files, (root) => {
      symlinkSync(join(REPOSITORY, 'tests', 'node_modules'), join(root, 'tests', 'node_modules'), 'junction');
      return checkReadme(root);
    });
    expect(problems[0]).toMatch(/^README\.md:2: failed.*app\.tsx.*'string' is not assignable/s);
  });

  it('refuses a server that does not come up', async () => {
    const files = {
      ...project,
      'server.mjs': 'console.log("no disk"); process.exit(1);',
      'README.md': block('<!-- run: sh -->', 'sh', 'ls'),
    };
    expect(await withTree(files, checkReadme)).toEqual([expect.stringMatching(/brought up no server:.*no disk/s)]);
  });
});
