import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** Licenses that require only their notice. */
const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Zlib',
]);

/** Its text names no copyright holder, so a package without it may use that of another package. */
const sharedText = 'Apache-2.0';

type Package = { readonly title: string; readonly license: string; readonly texts: readonly string[] };

/** The folders of all packages with a file in a bundle, sorted. */
export function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const files = metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/**
 * The notices of these packages as one text; a text that several share appears once. Throws if the license of a package
 * is missing or not permissive.
 */
export function licensesText(folders: readonly string[]): string {
  const packages = folders.map(readPackage);
  const shared = packages.find(({ license, texts }) => license === sharedText && texts.length > 0)?.texts ?? [];
  const titlesByText = new Map<string, string[]>();
  for (const { title, license, texts } of packages) {
    const own = texts.length === 0 && license === sharedText ? shared : texts;
    if (own.length === 0) throw new Error(`${title} comes without the text of its license`);
    for (const text of own) titlesByText.set(text, [...(titlesByText.get(text) ?? []), title]);
  }
  const list = packages.map(({ title, license }) => `  ${title} (${license})`);
  const notices = Array.from(titlesByText, ([text, titles]) => notice(titles.join(', '), text));
  return ['import-tokens contains these packages:\n', ...list, '', ...notices].join('\n');
}

/** One notice under its title. */
export function notice(title: string, text: string): string {
  return `${'-'.repeat(80)}\n${title}\n\n${text.trim()}\n`;
}

function readPackage(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: unknown;
  };
  const title = `${name} ${version}`;
  if (typeof license !== 'string' || !isPermissive(license)) {
    throw new Error(
      `${title} has the license ${JSON.stringify(license)}, which .github/release/licenses.ts does not list`,
    );
  }
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying)(?:[.-].*)?$/i.test(file));
  return { title, license, texts: files.sort().map((file) => normalized(readFileSync(join(folder, file), 'utf8'))) };
}

/** For `A OR B` one must be permissive, for `A AND B` both. */
function isPermissive(license: string): boolean {
  const parts = license.replaceAll(/[()]/g, '').split(/ (OR|AND) /);
  if (parts.includes('AND') && parts.includes('OR')) return false;
  const names = parts.filter((part) => part !== 'OR' && part !== 'AND');
  return parts.includes('OR')
    ? names.some((name) => permissive.has(name))
    : names.every((name) => permissive.has(name));
}

function normalized(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/[ \t]+$/gm, '')
    .trim();
}
