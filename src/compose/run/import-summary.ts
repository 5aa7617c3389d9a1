import { dirname, join, resolve } from 'node:path';
import { checkNamedFile, writeDurably, writeNamedFile } from '../../adapters/file/durable-file.ts';
import type { CheckpointFile } from '../../adapters/file/run/run-stores.ts';
import { runShell } from '../../adapters/system/run-shell.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { jsonText, shellWord } from '../../domain/format.ts';
import { exitCodeOf, exitCodes, ImportError, type StopSignal } from '../../domain/import-error.ts';
import type { CapacityEnding, RepairOfRejects, RunSummary } from '../../domain/run-summary.ts';
import { knownValue, type TableAttachments } from '../../domain/table.ts';
import { definitionText } from '../../input/mysql/definition/definition-text.ts';
import { commandsWith, type ImportOptions, needsValue } from '../../options/import-options.ts';
import type { CommandName } from '../../options/option.ts';
import { liveOptions } from '../../options/source-options.ts';
import type { ImportResult } from '../../pipeline/import-setup.ts';
import { buildSummary, type MeasuredRun, type RunEnding, withCapacity } from '../../report/build-summary.ts';
import type { Target } from '../open-target.ts';
import { shardOf } from '../resolve-shard.ts';
import { resumeCommand, shownPath } from '../shell-command.ts';
import { listedShape, type OpenedRows } from '../source/open-rows.ts';
import type { Surroundings } from '../surroundings.ts';
import { reportName } from './record-run.ts';
import { type RunFolder, summaryName } from './run-folder.ts';

/** What this process did, for the summary. */
export type ProcessFigures = Pick<
  MeasuredRun,
  | 'durationSeconds'
  | 'connectionsOpened'
  | 'bytesSent'
  | 'bottleneck'
  | 'advice'
  | 'scopes'
  | 'rateLimit'
  | 'limits'
  | 'counted'
>;

/** The summary of an import. Throws faults that are bugs, with their stack. */
export async function importSummary(
  { options, directory, createdAt, expiry }: RunFolder,
  rows: OpenedRows,
  target: Pick<Target, 'table' | 'attachments'>,
  result: ImportResult,
  figures: ProcessFigures,
  capacity: CapacityEnding | undefined,
  surroundings: Pick<Surroundings, 'cwd' | 'signal' | 'warn'>,
): Promise<RunSummary> {
  const folder = directory?.path;
  const shard = shardOf(options);
  const measured: MeasuredRun = {
    ...figures,
    source: options.sources,
    table: target.table?.name ?? options.table,
    repository: options.repository,
    maxRejects: options.maxRejects,
    skipRows: options.skipRows,
    maxDeletes: options.maxDeletes,
    maxRowBytes: options.maxRowBytes,
    ...(shard !== undefined && { shard }),
    ...(expiry !== undefined && {
      expiry: {
        column: expiry.column,
        clock: new Date(expiry.clockMs).toISOString(),
        graceSeconds: options.skipExpiredGraceSeconds ?? 0,
        neverDeleted: result.neverDeleted ?? 0,
      },
    }),
    ...(folder !== undefined && {
      resumeCommand: resumeCommand(folder, options.sources, surroundings, options.to !== undefined),
      ...nextSteps(options, rows, folder, surroundings),
    }),
    ...(isRestorable(await target.attachments(), createdAt) && { restorePoint: createdAt }),
  };
  const summary = buildSummary(endingOf(result, surroundings.signal), measured);
  if (folder !== undefined && summary.repair !== undefined && options.schema === undefined) {
    await keepDefinition(rows, folder, surroundings.warn);
  }
  return withCapacity(summary, capacity);
}

/** Whether the table can be restored to the moment before the first write of the run. */
function isRestorable({ pointInTimeRecovery }: TableAttachments, createdAt: string): boolean {
  const recovery = knownValue(pointInTimeRecovery);
  return recovery?.isOn === true && (recovery.earliestMs ?? 0) <= Date.parse(createdAt);
}

function endingOf(result: ImportResult, signal: AbortSignal): RunEnding {
  const { fault, ...rows } = result;
  if (fault !== undefined && !(fault instanceof ImportError)) throw fault;
  return {
    ...rows,
    ...(fault !== undefined && { fault: { ...fault.told, exitCode: exitCodeOf(fault.code) } }),
    ...(signal.aborted && { signalExitCode: exitCodes[signal.reason as StopSignal] }),
  };
}

/** Throws ImportError `usage` if the file of `--summary` could not be written. */
export async function checkSummaryFile({ summary, runDir }: ImportOptions, cwd: string): Promise<void> {
  if (summary === undefined) return;
  const path = resolve(cwd, summary);
  // The run directory does not exist yet.
  if (typeof runDir === 'string' && dirname(path) === resolve(cwd, runDir)) return;
  await checkNamedFile('--summary', path, 'written');
}

/**
 * Writes the summary into the run directory, if there is one, and to the file of `--summary`.
 * @param finished marked once the summary is there to be repeated; given if the run is finished for good
 */
export async function keepSummary(
  summary: RunSummary,
  { summary: path }: Pick<ImportOptions, 'summary'>,
  folder: string | undefined,
  finished: Pick<CheckpointFile, 'finish'> | undefined,
  warn: Surroundings['warn'],
): Promise<void> {
  const text = jsonText(summary);
  // The import is over: a file that cannot be written does not change its outcome.
  const tell = (error: Error) => warn(error.message);
  if (folder !== undefined) {
    const written = writeDurably(join(folder, summaryName), text);
    await written.then(() => finished?.finish(summary)).catch(tell);
  }
  if (path !== undefined) await writeNamedFile(path, text).catch(tell);
}

const endCommandTimeoutMs = 60_000;

/**
 * Runs the command of `--on-end`. Its failure is a warning.
 * @param summary path of the summary; undefined if the run ended without one
 */
export async function runEndCommand(
  command: string,
  { summary, exitCode }: { readonly summary: string | undefined; readonly exitCode: number },
  { env, signal, warn }: Pick<Surroundings, 'env' | 'signal' | 'warn'>,
): Promise<void> {
  const variables = { ...env, IMPORT_TOKENS_SUMMARY: summary ?? '', IMPORT_TOKENS_EXIT_CODE: String(exitCode) };
  const fault = await runShell(command, variables, { clock: systemClock, timeoutMs: endCommandTimeoutMs, signal });
  if (fault !== undefined) warn(`the command of --on-end failed: ${fault}`);
}

/** Files and commands for what is to be done after an import into this folder, complete, to be pasted into a shell. */
type NextSteps = {
  readonly report: string;
  /** Absent if there is no table, or if the import verifies by itself. */
  readonly verifyCommand?: string;
  readonly repair: RepairOfRejects;
};

function nextSteps(
  options: ImportOptions,
  rows: OpenedRows,
  folder: string,
  surroundings: Pick<Surroundings, 'cwd'>,
): NextSteps {
  const path = (name: string) => shownPath(`${folder}/${name}`, surroundings);
  const rejected = path(`rejected.${listedShape(rows).extension}`);
  const verifies = options.repository === 'memory' || options.verify;
  const sources = options.sources.map((source) => shownPath(source, surroundings));
  return {
    report: path(reportName),
    ...(!verifies && { verifyCommand: command('import-tokens verify', sources, flagsOf('verify', options, [])) }),
    repair: {
      rows: rejected,
      reasons: path('rejects.jsonl'),
      importCommand: command(
        'import-tokens',
        [rejected],
        [...flagsOf('import', options, ofThisSource), ...shapeFlags(options, rows, folder, surroundings)],
      ),
    },
  };
}

/** Options that belong to the whole source, or to this run of it: a repaired row can have a key of another shard. */
const ofThisSource: readonly string[] = [
  '--shard',
  '--expect-rows',
  '--skip-rows',
  '--max-rows',
  '--raise-wcu',
  '--keep-raised',
  '--suspend-autoscaling',
  ...Object.values(liveOptions).map(({ flags }) => flags),
];
const ofThisRun: readonly string[] = ['--run-dir', '--no-run-dir', '--summary', '--metrics-file', '--resume'];

function command(program: string, sources: readonly string[], flags: readonly string[]): string {
  return [program, ...sources, ...flags].join(' ');
}

/** The options that the operator gave, as far as the command has them. */
function flagsOf(name: CommandName, { settings }: ImportOptions, without: readonly string[]): string[] {
  return settings
    .filter(({ flag, origin }) => origin === 'flag' && commandsWith(flag).includes(name))
    .filter(({ flag }) => !without.includes(flag) && !ofThisRun.includes(flag))
    .map(({ flag, value }) => {
      if (value === '' && !needsValue(flag)) return flag;
      return value.startsWith('-') ? `${flag}=${shellWord(value)}` : `${flag} ${shellWord(value)}`;
    });
}

/** A file of rejected rows has another name and no schema next to it. */
function shapeFlags(
  options: ImportOptions,
  { dialect, definition }: OpenedRows,
  folder: string,
  surroundings: Pick<Surroundings, 'cwd'>,
) {
  const format = dialect.name === 'mysql' && dialect.header ? 'mysql-batch' : dialect.name;
  const schema = shownPath(`${folder}/${schemaName}`, surroundings);
  return [
    ...(options.format === undefined && dialect.name !== 'csv' ? [`--format ${format}`] : []),
    ...(options.schema === undefined && definition !== undefined ? [`--schema ${schema}`] : []),
  ];
}

/** The table definition of rejected rows, for their repair. */
const schemaName = 'schema.sql';

/** The source may be a pipe, a server or packed, and the definition far into it. */
async function keepDefinition({ definition }: OpenedRows, folder: string, warn: Surroundings['warn']): Promise<void> {
  if (definition === undefined) return;
  const written = writeDurably(join(folder, schemaName), definitionText(definition));
  // The import is over: a file that cannot be written does not change its outcome.
  await written.catch((error: Error) => warn(error.message));
}
