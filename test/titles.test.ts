import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAst } from 'vitest/node';

type Node = { readonly type: string; readonly [field: string]: unknown };

/** Rooms whose titles are held to one short sentence. */
const rooms = ['bench', 'cli/e2e', 'contract', 'docs', 'faults', 'fuzz', 'release', 'server', 'support'];
const longest = 90;

const files = rooms.flatMap((room) =>
  readdirSync(new URL(room, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.test\.ts$|-contract\.ts$/.test(name))
    .map((name) => `${room}/${name}`),
);

test('the title of a test is at most 90 characters long', () => {
  const titles = files.flatMap((file) => titlesIn(readFileSync(new URL(file, import.meta.url), 'utf8')));
  expect(titles.length).toBeGreaterThan(200);
  expect(titles.filter((title) => title.length > longest)).toEqual([]);
});

test('titles are found in every way to write a test', () => {
  const text = `
    test('a', () => {});
    it.each([1])('b %i', () => {});
    describe.runIf(true)(\`c \${d}\`, () => { test.concurrent.for(cases)('e', f); });
  `;
  expect(titlesIn(text)).toEqual(['a', 'b %i', `c \${d}`, 'e']);
});

function titlesIn(text: string): string[] {
  const titles: string[] = [];
  visit(parseAst(text, { lang: 'ts' }) as unknown as Node);
  return titles;

  function visit(node: Node): void {
    const [title] = (node['arguments'] ?? []) as Node[];
    const isTitle = title?.type === 'TemplateLiteral' || typeof title?.['value'] === 'string';
    if (node.type === 'CallExpression' && isTitle && isTestFunction(node['callee'] as Node)) {
      titles.push(text.slice(title['start'] as number, title['end'] as number).slice(1, -1));
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child?.type === 'string') visit(child as Node);
      }
    }
  }
}

/** `test`, and what its members and their calls give: `test.each(cases)`. */
function isTestFunction(callee: Node): boolean {
  if (callee.type === 'Identifier') return ['test', 'it', 'describe'].includes(String(callee['name']));
  const inner = callee['object'] ?? callee['callee'];
  return inner !== undefined && isTestFunction(inner as Node);
}
