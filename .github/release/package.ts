import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { npmReadme } from './npm-readme.ts';

/**
 * Run by `npm pack` before and after. `before` builds the files of the package, removes what it does not need from its
 * manifest, and makes the links of its README absolute; `after` restores both files.
 */
const rewritten = ['package.json', 'README.md'];
const kept = (file: string) => `dist/${file}.kept`;

if (process.argv[2] === 'after') {
  for (const file of rewritten) renameSync(kept(file), file);
} else {
  rmSync('dist/types', { recursive: true, force: true });
  await build({
    entryPoints: { api: 'src/index.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
  });
  await build({
    entryPoints: { contract: 'test/contract/token-repository-contract.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    external: ['vitest'],
    logLevel: 'warning',
  });
  execFileSync('npx', ['tsc', '-p', '.github/release/tsconfig.types.json'], { stdio: 'inherit' });
  pruneTypes(['dist/types/src/index.d.ts', 'dist/types/test/contract/token-repository-contract.d.ts']);
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  // The bundles hold every dependency, and the package is never built after it is installed.
  for (const part of ['//', 'scripts', 'dependencies', 'devDependencies', 'optionalDependencies'])
    delete manifest[part];
  for (const file of rewritten) copyFileSync(file, kept(file));
  writeFileSync('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync('README.md', npmReadme(readFileSync('README.md', 'utf8'), manifest));
}

/** Removes declarations that the public ones do not refer to, because the compiler writes one for every file it reads. */
function pruneTypes(entries: readonly string[]): void {
  const named = new Set(entries);
  for (const file of named) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)\.ts['"]/g)) {
      named.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  for (const path of readdirSync('dist/types', { recursive: true, encoding: 'utf8' })) {
    const file = join('dist/types', path);
    if (file.endsWith('.ts') && !named.has(file)) rmSync(file);
  }
}
