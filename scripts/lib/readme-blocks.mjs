const RUNNABLE = new Set(['sh', 'bash', 'shell', 'console', 'js', 'javascript', 'mjs', 'ts', 'tsx', 'typescript', 'python', 'py']);
const KINDS = new Set(['server', 'sh', 'curl', 'js', 'ts', 'python', 'page', 'none']);
const FENCE = /^(?<indent> *)```(?<language>\S*)[^\n]*\n(?<text>[\s\S]*?)^\k<indent>```/gm;
const MARKER = /<!-- run: (?<kind>\w+)(?<background> &)?(?:, (?:expect: \/(?<expect>.*)\/|(?<reason>.*)))? -->\s*$/;

/**
 * The fenced blocks of a Markdown text that somebody could run, each with what the comment before it says:
 * `{ line, language, text, kind, background, expect, reason }`. A block without a (readable) marker is a problem.
 */
export function readmeBlocks(file, markdown) {
  const blocks = [];
  const problems = [];
  for (const match of markdown.matchAll(FENCE)) {
    const { language, text, indent } = match.groups;
    const before = markdown.slice(0, match.index);
    const line = before.split('\n').length;
    const marker = MARKER.exec(before)?.groups;
    if (!marker) {
      if (RUNNABLE.has(language))
        problems.push(`${file}:${line}: no "<!-- run: … -->" before this ${language} block (scripts/check-readme.mjs says how)`);
      continue;
    }
    const { kind, background, expect, reason } = marker;
    if (!KINDS.has(kind)) problems.push(`${file}:${line}: "run: ${kind}" is none of ${[...KINDS].join(', ')}`);
    else if (kind === 'none' && !reason) problems.push(`${file}:${line}: "run: none" needs a reason, like "run: none, it is an outline"`);
    else if (kind !== 'none' && reason) problems.push(`${file}:${line}: not understood: "${reason}"; write "expect: /…/"`);
    else
      blocks.push({
        file,
        line,
        language,
        kind,
        text: dedent(text, indent),
        background: Boolean(background),
        expect: expect && new RegExp(expect, 's'),
      });
  }
  return { blocks, problems };
}

const dedent = (text, indent) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
