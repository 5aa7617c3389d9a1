import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** Run by `npm pack` before and after: `before` builds what a package holds and takes out of its manifest what it does not need. */
const kept = 'dist/package.json.kept';

if (process.argv[2] === 'after') {
  renameSync(kept, 'package.json');
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
  // The bundles hold every dependency, and nobody who installs the package builds it.
  for (const part of ['scripts', 'dependencies', 'devDependencies', 'optionalDependencies']) delete manifest[part];
  copyFileSync('package.json', kept);
  writeFileSync('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The compiler writes a declaration for every file it read; only those that the public ones name are of use. */
function pruneTypes(entries: readonly string[]): void {
  const named = new Set(entries);
  for (const file of named) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)\.ts'/g)) {
      named.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  for (const path of readdirSync('dist/types', { recursive: true, encoding: 'utf8' })) {
    const file = join('dist/types', path);
    if (file.endsWith('.ts') && !named.has(file)) rmSync(file);
  }
}
