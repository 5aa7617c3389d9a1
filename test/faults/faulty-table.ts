import { expect, onTestFinished } from 'vitest';
import type { RunSummary } from '../../src/domain/run-summary.ts';
import type { Faults } from '../support/fault-proxy/faults.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { PlainTable } from '../support/plain-table.ts';
import type { WorkDir } from '../support/work-dir.ts';
import { columnTypes, type SourceRow } from './source-rows.ts';

/** True for all seeds and sizes, as in `.ci/run`; otherwise a few, as in `npm test`. */
export const thorough = process.env['IMPORT_TOKENS_THOROUGH'] === '1';

const requestTimeoutMs = 300;
/** Longest time after which a write that was given up is still applied. */
const settleMs = 2 * requestTimeoutMs;

/** Faults that an import must survive. A late write comes after the time-out and within the settle time. */
export const foulWeather: Faults = {
  throttle: 0.05,
  handBack: 0.1,
  serverError: 0.01,
  serverErrorAfterWrite: 0.01,
  resetBeforeWrite: 0.005,
  resetAfterWrite: 0.005,
  hang: 0.001,
  applyLate: 0.001,
  applyAfterMs: [requestTimeoutMs, settleMs - 100],
};

export type FaultyTable = { readonly table: PlainTable; readonly proxy: FaultProxy };

export async function startFaultyTable(seed: number, faults: Faults = {}): Promise<FaultyTable> {
  const table = new PlainTable({ name: 'tokens', key: [{ name: 'token', type: 'S' }] });
  const proxy = await startFaultProxy({ target: table, seed, faults, keepAccepted: true });
  onTestFinished(() => proxy.close());
  return { table, proxy };
}

/** The arguments of an import of `tokens.csv` into the folder `run`. */
export function importArgs({ proxy }: FaultyTable, ...more: readonly string[]): string[] {
  return ['tokens.csv', '--run-dir', 'run', '--types', columnTypes, ...tableArgs(proxy), ...more];
}

export function tableArgs(proxy: FaultProxy): string[] {
  return [
    ...['--yes', '--endpoint-url', proxy.url, '--wps', '1000000', '--concurrency', '16'],
    ...['--request-timeout', `${requestTimeoutMs}ms`, '--settle', `${settleMs}ms`],
  ];
}

export const resumeArgs = ['--resume', 'run', '--yes'];

/** The items of the table by token, as the source writes them. */
export function heldRows({ table }: FaultyTable): Record<string, Omit<SourceRow, 'token'>> {
  const held: Record<string, Omit<SourceRow, 'token'>> = {};
  for (const { token, user, quota, seq, ...rest } of table.items().values()) {
    expect(rest).toEqual({});
    held[String(token?.['S'])] = { user: String(user?.['S']), quota: String(quota?.['N']), seq: Number(seq?.['N']) };
  }
  return held;
}

export function readSummary(dir: WorkDir, folder = 'run'): RunSummary {
  return JSON.parse(dir.read(`${folder}/summary.json`));
}

/** Expects that every row read has a fate and none is pending. */
export function expectBalance({ rows }: RunSummary, read: number): void {
  const { written, superseded, kept, deleted, rejected, skipped } = rows;
  expect(rows).toMatchObject({ read, kept: 0, skipped: 0, pending: 0 });
  expect(written + superseded + kept + deleted + rejected + skipped).toBe(read);
}
