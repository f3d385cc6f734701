import ts from 'typescript';

const TESTS = new Set(['it', 'test']);

/**
 * The full names of the tests in a source text: their own after those of the `describe`s around them, each with its line.
 * Names are read, not run: what is computed shows as `…`. A `todo` is not a test.
 */
export function testNames(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const names = [];
  const visit = (node, around) => {
    const call = ts.isCallExpression(node) ? called(node.expression) : undefined;
    const title = call && node.arguments.length > 1 ? staticText(node.arguments[0]) : undefined;
    if (title === undefined) return ts.forEachChild(node, (child) => visit(child, around));
    const name = [...around, title].join(' > ');
    if (call === 'describe') return ts.forEachChild(node, (child) => visit(child, [...around, title]));
    names.push({ name, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
  };
  visit(source, []);
  return names;
}

/** `it`, `it.concurrent`, `it.each(rows)`, `it.each\`rows\``, `it.skipIf(x)` and their like are tests; likewise `describe`. */
function called(expression) {
  if (ts.isIdentifier(expression)) {
    if (TESTS.has(expression.text)) return 'it';
    return expression.text === 'describe' ? 'describe' : undefined;
  }
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text === 'todo' ? undefined : called(expression.expression);
  if (ts.isCallExpression(expression)) return called(expression.expression);
  if (ts.isTaggedTemplateExpression(expression)) return called(expression.tag);
  return undefined;
}

function staticText(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  if (ts.isBinaryExpression(node)) return staticText(node.left) + staticText(node.right);
  return '…';
}
