import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryTokenRepository, type RunEvent, runImport, systemClock } from '../src/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = join(root, 'src/index.ts');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-tokens-library-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const memory = () => new MemoryTokenRepository({ clock: systemClock, latencyMs: 0, retain: true });

test('a program imports into its own repository, and is told what happens', async () => {
  const repository = memory();
  const events: RunEvent['kind'][] = [];
  const {
    outcome,
    exitCode,
    rows,
    repository: named,
  } = await runImport({
    sources: [write('tokens.csv', 'token,uses\na,1\nb,x\nc,3\na,4\n')],
    key: ['token'],
    types: { uses: 'N' },
    repository,
    runDir: join(folder, 'run'),
    onEvent: ({ kind }) => events.push(kind),
  });
  expect({ outcome, exitCode, named }).toEqual({ outcome: 'completed-with-rejects', exitCode: 5, named: 'own' });
  expect(rows).toMatchObject({ read: 4, rejected: 1, pending: 0 });
  expect(Array.from(repository.items.values(), (item) => [item.get('token'), item.get('uses')]).sort()).toEqual([
    ['a', '4'],
    ['c', '3'],
  ]);
  expect(events).toContain('row-rejected');
});

test('an abort stops the run cleanly, and the same call goes on with it', async () => {
  const stop = new AbortController();
  const source = write('tokens.csv', `token\n${Array.from({ length: 5000 }, (_, i) => `t${i}\n`).join('')}`);
  const runDir = join(folder, 'run');
  const first = memory();
  const stopped = await runImport({
    sources: [source],
    repository: first,
    runDir,
    concurrency: 1,
    signal: stop.signal,
    onEvent: ({ kind }) => {
      if (kind === 'batch-accepted') stop.abort();
    },
  });
  expect(stopped).toMatchObject({ outcome: 'interrupted', exitCode: 130 });
  const second = memory();
  const ended = await runImport({ resume: runDir, repository: second });
  expect(ended).toMatchObject({ outcome: 'completed', rows: { read: 5000, written: 5000, pending: 0 } });
  expect(new Set([...first.items.keys(), ...second.items.keys()]).size).toBe(5000);
});

test('options that contradict each other are refused as on the command line', async () => {
  const call = runImport({ sources: [], repository: memory() });
  await expect(call).rejects.toMatchObject({ name: 'ImportError', code: 'usage' });
});

test('the example of the library page compiles against the public types, and runs', async () => {
  const page = readFileSync(join(root, '.github/docs/library.md'), 'utf8');
  const example = /```ts\n([\s\S]+?)```/.exec(page)![1]!;
  expect(example).toContain('runImport');
  const file = write('example.ts', example);
  write('package.json', '{"type":"module"}');
  write(
    'tsconfig.json',
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { typeRoots: [join(root, 'node_modules/@types')], paths: { 'import-tokens': [entry] } },
      include: [file, join(root, 'src/**/*.d.ts')],
    }),
  );
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: 'inherit' });

  await build({
    entryPoints: [file],
    outfile: join(folder, 'example.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { 'import-tokens': entry },
    // The packages inside are CommonJS and ask for Node's modules by require.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  write('tokens.csv', 'token,user_id\na,1\nb,2\n');
  const out = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
  expect(out).toBe('completed 2\n');
  const items = readFileSync(join(folder, 'items.jsonl'), 'utf8').trim().split('\n');
  expect(items.map((line) => JSON.parse(line))).toEqual([
    { token: 'a', user_id: '1' },
    { token: 'b', user_id: '2' },
  ]);
});
