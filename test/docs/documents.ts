import { readdirSync, readFileSync } from 'node:fs';

/** The README or a page, by its path in the repository. */
export type Document = { readonly path: string; readonly text: string };

const root = new URL('../../', import.meta.url);
const folder = '.github/docs';
/** Made from the option descriptors. */
const generated = 'options.md';

export function readRepositoryFile(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

export const readme: Document = { path: 'README.md', text: readRepositoryFile('README.md') };

export const contributing: Document = {
  path: '.github/CONTRIBUTING.md',
  text: readRepositoryFile('.github/CONTRIBUTING.md'),
};

export const changelog: Document = { path: 'CHANGELOG.md', text: readRepositoryFile('CHANGELOG.md') };

export const pages: readonly Document[] = readdirSync(new URL(folder, root))
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ path: `${folder}/${name}`, text: readRepositoryFile(`${folder}/${name}`) }));

/** The pages that people write. */
export const writtenPages = pages.filter(({ path }) => path !== `${folder}/${generated}`);

export function page(name: string): string {
  return readRepositoryFile(`${folder}/${name}`);
}

/** What stands in blocks of code, fenced or indented. */
export function codeOf(text: string): string {
  const fenced = Array.from(text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm), ([, code]) => code!);
  const indented = Array.from(withoutFences(text).matchAll(/^ {4}(?! *[-\d]).*$/gm), ([line]) => line);
  return [...fenced, ...indented].join('\n');
}

/** The text without blocks of code. */
export function proseOf(text: string): string {
  return withoutFences(text).replaceAll(/^ {4}.*$/gm, '');
}

function withoutFences(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}
