import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { bundledPackages, licensesText } from '../../.github/release/licenses.ts';

const root = new URL('../../', import.meta.url).pathname;

test('the licenses of the build name every package that a bundle holds, and have its text', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts', 'src/index.ts', 'test/contract/token-repository-contract.ts'],
    outdir: 'none',
    bundle: true,
    platform: 'node',
    external: ['vitest'],
    write: false,
    metafile: true,
  });
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const names = new Set(
    files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? 'import-tokens'),
  );
  expect(names.size).toBeGreaterThan(20);
  const [list = '', ...notices] = readFileSync(join(root, 'dist/licenses.txt'), 'utf8').split(/^-{80}$/m);
  const titles = notices.map((notice) => notice.trim().split('\n', 1)[0]);
  for (const name of names) {
    if (name === 'import-tokens') continue;
    expect(list).toContain(`\n  ${name} `);
    expect(titles).toContainEqual(expect.stringContaining(`${name} `));
  }
});

test('a text that packages have in common is given once, under all their names', () => {
  const folders = packagesOf({ a: ['MIT', 'Copyright A'], b: ['ISC', 'Copyright A'], c: ['MIT', 'Copyright C'] });
  const text = licensesText(folders);
  expect(text.match(/Copyright A/g)).toHaveLength(1);
  expect(text).toContain('\na 1.0.0, b 1.0.0\n\nCopyright A\n');
  expect(text).toContain('  c 1.0.0 (MIT)\n');
});

test.each(['GPL-3.0', 'MIT AND GPL-3.0', 'UNLICENSED', undefined])('a package under %s ends the build', (license) => {
  expect(() => licensesText(packagesOf({ a: [license, 'Copyright A'] }))).toThrow('a 1.0.0 has the license');
});

test('of two licenses to choose from one has to be permissive', () => {
  expect(licensesText(packagesOf({ a: ['(MIT OR GPL-3.0)', 'Copyright A'] }))).toContain('Copyright A');
});

test('a package without the text of its license ends the build, unless another has the same text', () => {
  expect(() => licensesText(packagesOf({ a: ['MIT', undefined], b: ['MIT', 'Copyright B'] }))).toThrow('a 1.0.0');
  const shared = licensesText(packagesOf({ a: ['Apache-2.0', undefined], b: ['Apache-2.0', 'Apache License'] }));
  expect(shared).toContain('\na 1.0.0, b 1.0.0\n\nApache License\n');
});

test('packages inside packages are found, and files of the project are not', () => {
  const inputs = ['src/cli/main.ts', 'node_modules/@x/y/z.js', 'node_modules/a/node_modules/b/c/d.js'];
  const output = { inputs: Object.fromEntries(inputs.map((path) => [path, { bytesInOutput: 1 }])) };
  const metafile = { inputs: {}, outputs: { 'a.js': { ...output, bytes: 1, imports: [], exports: [] } } };
  expect(bundledPackages([metafile])).toEqual(['node_modules/@x/y', 'node_modules/a/node_modules/b']);
});

/** Folders of packages by name, each with its license and the text of it. */
function packagesOf(packages: Readonly<Record<string, readonly [string | undefined, string | undefined]>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-licenses-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return Object.entries(packages).map(([name, [license, text]]) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ name, version: '1.0.0', license }));
    if (text !== undefined) writeFileSync(join(folder, name, 'LICENSE'), `${text}\n`);
    return join(folder, name);
  });
}
