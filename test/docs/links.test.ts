import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { contributing, pages, proseOf, readme, readRepositoryFile } from './documents.ts';

const root = new URL('../../', import.meta.url);
const documents = [readme, contributing, ...pages];

/** A page of GitHub, not a file. */
const onGitHub = '../../releases';

type Link = { readonly from: string; readonly target: string };

const links = documents.flatMap(({ path, text }) =>
  Array.from(proseOf(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target]): Link => ({ from: path, target: target! })),
);
const relative = links.filter(({ target }) => !/^[a-z]+:/.test(target) && target !== onGitHub);

test('every link leads to a file and a heading that exist', () => {
  expect(relative.length).toBeGreaterThan(30);
  expect(relative.filter((link) => !leadsSomewhere(link))).toEqual([]);
});

test('every path of the repository that a page names exists', () => {
  const named = documents.flatMap(({ text }) => Array.from(text.matchAll(/`((?:src|test|\.github)\/[\w./-]+)`/g)));
  const paths = named.map(([, path]) => path!).filter((path) => !/\ba(?:-topic)?\.(?:test\.)?ts$/.test(path));
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

test('a link to a missing file or heading is found', () => {
  expect(leadsSomewhere({ from: 'README.md', target: '.github/docs/none.md' })).toBe(false);
  expect(leadsSomewhere({ from: 'README.md', target: '.github/docs/pace.md#none' })).toBe(false);
});

test('the README links every page, and every page is reached', () => {
  const linked = links.filter(({ from }) => from === readme.path).map(({ target }) => target.split('#')[0]);
  expect(pages.map(({ path }) => path).filter((path) => !linked.includes(path))).toEqual([]);
});

function leadsSomewhere({ from, target }: Link): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : posix.join(posix.dirname(from), file);
  if (!existsSync(new URL(path, root))) return false;
  return anchor === undefined || anchorsOf(readRepositoryFile(path)).includes(anchor);
}

/** As GitHub makes them from headings. */
function anchorsOf(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
