/** HTML that is safe to put into a page as it stands. */
export type Markup = { readonly text: string };
type Part = Markup | string | number | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

/** Ours, and known to be HTML. */
export const raw = (text: string): Markup => ({ text });

/** A template whose values are escaped unless they are markup themselves; a list is its entries one after the other. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { text: strings.map((text, i) => text + (i < parts.length ? textOf(parts[i] ?? '') : '')).join('') };
}

function textOf(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'text' in part ? part.text : part.map(textOf).join('');
}

/** Paragraphs with `code` and [links](to), which is all that descriptions are written with. */
export function prose(text: string): Markup {
  const paragraphs = text.split('\n\n').map((paragraph) => {
    const marked = escaped(paragraph)
      .replace(/`([^`]+)`/g, '<code>$1</code>')
      .replace(/\[([^\]]+)\]\(([\w./#-]+)\)/g, '<a href="$2">$1</a>');
    return `<p>${marked}</p>`;
  });
  return raw(paragraphs.join(''));
}

/** Words as code, with commas between them. */
export const codes = (words: readonly string[], between = ', '): Markup =>
  raw(words.map((word) => `<code>${escaped(word)}</code>`).join(between));
