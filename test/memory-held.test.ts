import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type AnsweringTable, handBack, putsOf, startAnsweringTable } from './support/answering-table.ts';
import { mb, memorySampler, peakUpTo, readMemorySamples } from './support/memory-samples.ts';
import type { KeyAttribute } from './support/plain-table/table-schema.ts';
import { planted } from './support/planted.ts';
import { type RunResult, workDir } from './support/work-dir.ts';
import { writeRows } from './support/write-rows.ts';

const heapLimitMb = 96;
const timeout = 300_000;
const header = 'token,user_id,created_at,expires_at,scope,status';
const tail = '1000042,2026-01-31 12:26:40,2027-01-31 12:26:40,read:profile write:profile,active';
const itemTail =
  '"user_id":{"S":"1000042"},"created_at":{"S":"2026-01-31 12:26:40"},"expires_at":{"S":"2027-01-31 12:26:40"},' +
  '"scope":{"S":"read:profile write:profile"},"status":{"S":"active"}';
const tokenOf = (row: number) => `${planted}_${row.toString(16).padStart(36, '0')}`;
const tokenKey: readonly KeyAttribute[] = [{ name: 'token', type: 'S' }];

describe.runIf(process.env['IMPORT_TOKENS_THOROUGH'] === '1')('in a heap of 96 MB', () => {
  test('an import stays flat though the table hands back 8 % of the items', { timeout }, async () => {
    const rows = 4_000_000;
    let puts = 0;
    const table = await startAnsweringTable(tokenKey, (body) => {
      const batch = putsOf(body);
      return handBack(
        batch,
        batch.filter(() => puts++ % 12 === 0),
      );
    });
    const run = await runOver({ table, header, rows, lineOf: (row) => `${tokenOf(row)},${tail}` });
    expect(run).toMatchObject({ status: 0, summary: { rows: { written: rows, pending: 0 } } });
    const [early, late] = [run.peakUpTo(rows / 4), run.peakUpTo(rows)];
    console.info(`8 % handed back: ${mb(early)} MB up to 1 million rows, ${mb(late)} MB up to 4 million`);
    expect(late - early).toBeLessThan(32 * 2 ** 20);
  });

  test('rows of a partition that is refused for ever hold no other rows', { timeout }, async () => {
    const rows = 60_000;
    const filler = 'x'.repeat(6_000);
    const table = await startAnsweringTable([{ name: 'user_id', type: 'S' }, ...tokenKey], (body) => {
      const batch = putsOf(body);
      return handBack(
        batch,
        batch.filter((put) => put.includes('"user_id":{"S":"hot"}')),
      );
    });
    const lineOf = (row: number) => `${tokenOf(row)},${row % 20 === 0 ? 'hot' : row},${filler}`;
    const limits = ['--stall-timeout', '8s'];
    const run = await runOver({ table, header: 'token,user_id,text', rows, lineOf, args: limits });
    expect(run).toMatchObject({ status: 4, summary: { rows: { written: rows - rows / 20, pending: rows / 20 } } });
    console.info(`a hot partition: ${mb(run.peakUpTo(rows))} MB`);
    expect(run.peakUpTo(rows)).toBeLessThan(400 * 2 ** 20);
  });

  test('verify --all holds 100,000 differences', { timeout }, async () => {
    const rows = 1_600_000;
    const isThere = (token: string) => !token.endsWith('0');
    const table = await startAnsweringTable(tokenKey, (body) => itemsFor(body, isThere));
    const lineOf = (row: number) => `${tokenOf(row)},${tail}`;
    const run = await runOver({ table, header, rows, lineOf, command: ['verify', '--all', '--rcu', '10000000'] });
    expect(run).toMatchObject({ status: 5, summary: { rows: { missing: rows / 16, equal: rows - rows / 16 } } });
  });

  test('verify --sample 50000 holds no more than its rows', { timeout }, async () => {
    const rows = 1_500_000;
    const table = await startAnsweringTable(tokenKey, (body) => itemsFor(body, () => true));
    const lineOf = (row: number) => `${tokenOf(row)},${tail}`;
    const command = ['verify', '--sample', '50000', '--rcu', '10000000'];
    const run = await runOver({ table, header, rows, lineOf, command });
    expect(run).toMatchObject({ status: 0, summary: { rows: { equal: 50_000 } } });
  });

  test('plan reads rows of 17 KB', { timeout }, async () => {
    const rows = 20_000;
    const filler = 'x'.repeat(17_000);
    const lineOf = (row: number) => `${tokenOf(row)},${filler}`;
    const command = ['plan', '--repository', 'memory', '--wps', '20000'];
    const run = await runOver({ header: 'token,text', rows, lineOf, command });
    expect(run).toMatchObject({ status: 0 });
    expect(JSON.parse(run.stdout)).toMatchObject({ rows: { importable: rows } });
  });
});

type Run = RunResult & { readonly summary: unknown; peakUpTo(row: number): number };

/** Runs the importer, or another command, over a source that is written for it. */
async function runOver(setup: {
  readonly table?: AnsweringTable;
  readonly header: string;
  readonly rows: number;
  readonly lineOf: (row: number) => string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}): Promise<Run> {
  const { table, rows, command = [], args = [] } = setup;
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-memory-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (table !== undefined) onTestFinished(() => table.close());
  const source = join(folder, 'tokens.csv');
  writeRows(source, setup.header, rows, setup.lineOf);
  const dir = workDir({ planted: [planted] });
  const target = table === undefined ? [] : ['--endpoint-url', table.url];
  const isImport = command.length === 0;
  const summary = join(folder, 'summary.json');
  const outcome = command[0] === 'plan' ? ['--json'] : ['--run-dir', join(folder, 'run'), '--summary', summary];
  const result = await dir.run(
    [
      ...command,
      source,
      ...target,
      ...outcome,
      ...(isImport ? ['--yes', '--wps', '100000000', '--quiet'] : []),
      ...args,
    ],
    {
      nodeOptions: [
        `--max-old-space-size=${heapLimitMb}`,
        '--require',
        dir.write('sampler.cjs', memorySampler(source)),
      ],
    },
  );
  const samples = readMemorySamples(dir.read('memory.jsonl'), statSync(source).size, rows);
  return {
    ...result,
    summary: command[0] === 'plan' || result.signal !== null ? undefined : JSON.parse(readFileSync(summary, 'utf8')),
    peakUpTo: (row) => peakUpTo(samples, row),
  };
}

/** The reply to a BatchGetItem, with the items of the tokens that are there. */
function itemsFor(body: string, isThere: (token: string) => boolean): string {
  const { RequestItems } = JSON.parse(body) as { RequestItems: Record<string, { Keys: { token: { S: string } }[] }> };
  const tokens = RequestItems['tokens']!.Keys.map(({ token }) => token.S).filter(isThere);
  const items = tokens.map((token) => `{"token":{"S":"${token}"},${itemTail}}`);
  return `{"Responses":{"tokens":[${items.join(',')}]},"UnprocessedKeys":{}}`;
}
