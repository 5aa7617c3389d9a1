import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { breachesOf } from './support/import-rules.ts';
import { fileCountBreaches, importCircles, oversizes, strayTests } from './support/source-tree.ts';

const sources = new URL('../src/', import.meta.url);
const pathsIn = (folder: URL) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const files = pathsIn(sources);
const tree = new Map(files.map((path) => [path, readFileSync(new URL(path, sources), 'utf8')]));

describe('the architecture', () => {
  it('holds in every file', () => {
    const breaches = [...tree].flatMap(([path, text]) => breachesOf(path, text));
    expect(files.length).toBeGreaterThan(10);
    expect(breaches).toEqual([]);
  });

  it.each([
    ['domain/row.ts', "import type { Clock } from '../ports/clock.ts';", 'domain may not import ports'],
    ['domain/row.ts', "import { Buffer } from 'node:buffer';", 'domain may not import node:buffer'],
    ['ports/clock.ts', "import { csv } from '../input/csv.ts';", 'ports may not import input'],
    ['ports/clock.ts', "import type { Socket } from 'node:net';", 'ports may not import node:net'],
    ['input/csv.ts', "import { pause } from '../limit/backoff.ts';", 'input may not import limit'],
    ['limit/backoff.ts', "export * from '../pipeline/worker-pool.ts';", 'limit may not import pipeline'],
    ['pipeline/run-import.ts', "import '../adapters/memory/memory.ts';", 'pipeline may not import adapters/memory'],
    ['pipeline/run-import.ts', "type Log = import('../report/log.ts').Log;", 'pipeline may not import report'],
    ['report/log.ts', "export type { Row } from '../input/csv.ts';", 'report may not import input'],
    ['report/log.ts', "await import('../cli/main.ts');", 'report may not import cli'],
    ['adapters/file/a.ts', "import { b } from '../system/b.ts';", 'adapters/file may not import adapters/system'],
    [
      'adapters/file/a.ts',
      "export { run } from '../../pipeline/run-import.ts';",
      'adapters/file may not import pipeline',
    ],
    ['cli/main.ts', "import { a } from '../adapters/file/a.ts';", 'cli may not import adapters/file'],
    ['cli/main.ts', "import { run } from '../pipeline/run-import.ts';", 'cli may not import pipeline'],
    ['cli/world.ts', "import type { Clock } from '../ports/clock.ts';", 'cli may not import ports'],
    ['compose/import.ts', "import type { World } from '../cli/world.ts';", 'compose may not import cli'],
    ['compose/plan/plan.ts', "import { runImport } from '../../index.ts';", 'compose may not import index'],
    ['options/flags.ts', "import type { Setting } from '../report/settings.ts';", 'options may not import report'],
    ['options/flags.ts', "import type { Clock } from '../ports/clock.ts';", 'options may not import ports'],
    ['pipeline/a.ts', "import { openRows } from '../compose/open-rows.ts';", 'pipeline may not import compose'],
    ['report/log.ts', "import manifest from '../../package.json';", 'report may not import package.json'],
    ['cli/main.ts', "import { build } from '../../test/support/build.ts';", 'which is in no room'],
  ])('lets no room see another that it may not: %s: %s', (path, text, breach) => {
    expect(breachesOf(path, text)).toEqual([expect.stringContaining(breach)]);
  });

  it.each([
    ['pipeline/run-import.ts', "import { Command } from 'commander';", 'commander belongs to src/cli/'],
    ['pipeline/run-import.ts', "import pLimit from 'p-limit';", 'p-limit belongs to src/pipeline/worker-pool.ts'],
    ['cli/main.ts', "import { parse } from 'csv-parse/sync';", 'csv-parse/sync belongs to src/input/'],
    ['domain/number.ts', "import { parse } from 'lossless-json';", 'lossless-json belongs to src/input/'],
    ['cli/main.ts', "import pino from 'pino';", 'pino belongs to src/report/'],
    [
      'ports/table.ts',
      "import type { A } from '@aws-sdk/client-dynamodb';",
      'belongs to src/adapters/aws/ and src/adapters/dynamodb/',
    ],
    [
      'adapters/file/a.ts',
      "const a = await import('@smithy/types');",
      'belongs to src/adapters/aws/ and src/adapters/dynamodb/',
    ],
    [
      'adapters/memory/a.ts',
      "import { Pool } from 'undici';",
      'undici belongs to src/adapters/aws/ and src/adapters/dynamodb/',
    ],
    ['input/csv.ts', "import _ from 'lodash';", 'lodash has no owner'],
    ['input/csv.ts', "import { parse } from 'csv-parser';", 'csv-parser has no owner'],
    ['input/csv.ts', "import fs from 'fs';", 'import fs as node:fs'],
  ])('gives each package one owner: %s: %s', (path, text, breach) => {
    expect(breachesOf(path, text)).toEqual([expect.stringContaining(breach)]);
  });

  it.each([
    ['pipeline/run-import.ts', 'process.exit(1);', 'process belongs to src/cli/'],
    ['pipeline/run-import.ts', 'const { env } = process;', 'process belongs to src/cli/'],
    ['report/log.ts', 'globalThis.process.exit();', 'process belongs to src/cli/'],
    ['report/log.ts', "import { argv } from 'node:process';", 'node:process belongs to src/cli/'],
    ['adapters/system/a.ts', 'console.log(1);', 'console belongs to src/cli/'],
    ['pipeline/a.ts', 'setTimeout(() => {}, 1);', 'setTimeout belongs to src/adapters/system/'],
    ['cli/a.ts', 'const later = setInterval;', 'setInterval belongs to src/adapters/system/'],
    ['limit/a.ts', "import { setTimeout as sleep } from 'node:timers/promises';", 'node:timers/promises belongs'],
    ['report/a.ts', 'const now = Date.now();', 'Date.now belongs to src/adapters/system/'],
    ['report/a.ts', "const now = Date['now']();", 'Date.now belongs to src/adapters/system/'],
    ['report/a.ts', 'const now = new Date();', 'new Date() belongs to src/adapters/system/'],
    ['limit/a.ts', 'const jitter = Math.random();', 'Math.random belongs to src/adapters/system/'],
    ['limit/a.ts', 'const now = performance.now();', 'performance.now belongs to src/adapters/system/'],
    ['limit/a.ts', "import { performance } from 'node:perf_hooks'; performance.now();", 'performance.now belongs'],
  ])('keeps the outer world at the edge: %s: %s', (path, text, breach) => {
    const breaches = breachesOf(path, text);
    expect(breaches.length).toBeGreaterThan(0);
    expect(breaches.join('\n')).toContain(breach);
  });

  it.each([
    ['domain/key.ts', "import { canonicalNumber } from './number.ts';"],
    ['compose/import.ts', "import type { ImportOptions } from '../options/import-options.ts';"],
    ['compose/import.ts', "import { exitCodeOf } from '../domain/import-error.ts';"],
    ['index.ts', "import { embedded } from './cli/world.ts'; import { a } from './adapters/memory/a.ts';"],
    ['options/flags.ts', "import { amountOf } from '../domain/amount.ts';"],
    ['cli/main.ts', "import type { Facts } from '../compose/facts.ts';"],
    ['compose/import.ts', "import { a } from '../adapters/file/a.ts'; import { b } from '../pipeline/b.ts';"],
    ['cli/main.ts', "const { compose } = await import('../compose/import.ts'); process.exitCode = 0;"],
    [
      'adapters/dynamodb/a.ts',
      "import { jsonSizeBytes } from '../../domain/item-size.ts'; import { Pool } from 'undici';",
    ],
    ['adapters/dynamodb/a.ts', "import { proxyFor } from '../aws/proxies.ts';"],
    ['cli/main.ts', "import { version } from '../../package.json' with { type: 'json' };"],
    ['report/run-stats.ts', "import { createHistogram } from 'node:perf_hooks';"],
    ['adapters/system/clock.ts', 'setTimeout(() => Date.now(), Math.random());'],
    ['report/a.ts', "// process.exit()\nconst text = 'console.log'; row.process; new Date(0); ({ process: 1 });"],
  ])('allows what it is meant to allow: %s: %s', (path, text) => expect(breachesOf(path, text)).toEqual([]));

  it('refuses a file outside the rooms, and an import whose name is computed', () => {
    expect(breachesOf('utils/misc.ts', '')).toEqual(['src/utils/misc.ts is in no room']);
    expect(breachesOf('misc.ts', '')).toEqual(['src/misc.ts is in no room']);
    expect(breachesOf('cli/main.ts', 'await import(name);')).toEqual([
      'src/cli/main.ts: package <computed> has no owner',
    ]);
  });
});

describe('the tree of src', () => {
  it('has no import circle', () => {
    expect(importCircles(tree)).toEqual([]);
  });

  it('has at most 260 files, 18 a folder, and 300 lines a file', () => {
    expect([...fileCountBreaches(tree), ...oversizes(tree)]).toEqual([]);
  });

  it('is mirrored by tests that are named after its files', () => {
    expect(strayTests(pathsIn(new URL('./', import.meta.url)), tree)).toEqual([]);
  });

  it('shows a circle, of types and of dynamic imports too', () => {
    const circle = new Map([
      ['domain/a.ts', "import type { B } from './b.ts';"],
      ['domain/b.ts', "export { c } from './c.ts';"],
      ['domain/c.ts', "const a = await import('./a.ts'); import '../ports/d.ts';"],
      ['ports/d.ts', "import { a } from '../domain/a.ts';"],
      ['ports/e.ts', "import { a } from '../domain/a.ts';"],
    ]);
    expect(importCircles(circle)).toEqual([
      'src/domain/a.ts > src/domain/b.ts > src/domain/c.ts > src/domain/a.ts',
      'src/domain/a.ts > src/domain/b.ts > src/domain/c.ts > src/ports/d.ts > src/domain/a.ts',
    ]);
    expect(importCircles(new Map([...circle].filter(([path]) => path !== 'domain/a.ts')))).toEqual([]);
  });

  it('shows what is too large', () => {
    const many = (count: number, folder: (i: number) => string) =>
      new Map(Array.from({ length: count }, (_, i) => [`${folder(i)}/f${i}.ts`, 'a\n']));
    expect(oversizes(many(18, () => 'limit'))).toEqual([]);
    expect(oversizes(many(19, () => 'limit'))).toEqual(['src/limit has 19 files, more than 18']);
    expect(fileCountBreaches(many(261, (i) => `x${i}`))).toEqual(['src has 261 files, more than 260']);
    expect(fileCountBreaches(many(260, (i) => `x${i}`))).toEqual([]);
    expect(oversizes(new Map([['limit/a.ts', 'a\n'.repeat(300)]]))).toEqual([]);
    expect(oversizes(new Map([['limit/a.ts', 'a\n'.repeat(301)]]))).toEqual([
      'src/limit/a.ts has 301 lines, more than 300',
    ]);
  });

  it('shows tests that are not named after a file', () => {
    const one = new Map([
      ['limit/pace.ts', ''],
      ['limit/backoff.ts', ''],
    ]);
    const named = ['limit/pace.test.ts', 'limit/pace-of-indexes.test.ts', 'limit/fixture.ts', 'faults/any.test.ts'];
    expect(strayTests(named, one)).toEqual([]);
    expect(strayTests(['limit/paced.test.ts', 'limit/rates.test.ts'], one)).toEqual([
      'limit/paced.test.ts',
      'limit/rates.test.ts',
    ]);
  });
});
