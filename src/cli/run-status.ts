import type { composeStatus } from '../compose/run/show-run.ts';
import { jsonText } from '../domain/format.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { terminalColumns } from '../report/format.ts';
import type { Compositions, World } from './world.ts';

/** Shows the state of a run or of all shards, also while other processes run them; without a folder, lists the runs. */
export async function runStatus(options: ImportOptions, world: World, { runReport }: Compositions): Promise<number> {
  const { composeStatus, composeRuns, watchStatus } = await runReport();
  const [folder] = options.sources;
  if (folder === undefined) {
    const { runs, folder: runsFolder } = await composeRuns(world);
    const { runListText } = await import('../report/watch/run-status.ts');
    const width = world.stdout.isTerminal ? world.stdout.columns() : undefined;
    world.stdout.write(options.json ? jsonText({ version: 1, runs }) : runListText(runs, runsFolder, width));
    return 0;
  }
  if (!options.watch) return show(await composeStatus(folder, world), options, world);
  let exitCode = 0;
  let shownLines = 0;
  for await (const status of watchStatus(folder, world)) {
    // On a terminal each state is drawn over the one before.
    if (shownLines > 0 && !options.json && world.stdout.isTerminal) world.stdout.write(`\u001b[${shownLines}A\u001b[J`);
    const write = (text: string) => {
      shownLines = text.split('\n').length - 1;
      world.stdout.write(text);
    };
    exitCode = await show(status, options, { ...world, stdout: { ...world.stdout, write } });
  }
  return exitCode;
}

type Shown = Awaited<ReturnType<typeof composeStatus>>;

/** Writes the status, and resolves with the exit code: that of the run with `--exit-code`, else 0. */
async function show(shown: Shown, { json, exitCode }: ImportOptions, { stdout }: World): Promise<number> {
  const { statusJson, statusText, verifyStatusText } = await import('../report/watch/run-status.ts');
  if ('verification' in shown) {
    const { verification } = shown;
    stdout.write(
      json ? jsonText({ version: 1, ...verification }) : verifyStatusText(verification, terminalColumns(stdout)),
    );
    return exitCode ? (verification.report?.exitCode ?? unfinishedCode(verification.state)) : 0;
  }
  if ('shards' in shown) {
    const { judgeShards, shardsJson, shardsText } = await import('../report/watch/shards-status.ts');
    stdout.write(json ? shardsJson(shown.shards) : shardsText(shown.shards, terminalColumns(stdout)));
    return exitCode ? judgeShards(shown.shards).exitCode : 0;
  }
  const { status, nowMs } = shown;
  const { isTerminal, look, columns } = stdout;
  const size = {
    columns: columns() - 1,
    colors: isTerminal && look.colors,
    unicode: look.unicode,
    pageColumns: terminalColumns(stdout),
  };
  stdout.write(json ? statusJson(status) : statusText(status, nowMs, size));
  return exitCode ? (status.summary?.exitCode ?? unfinishedCode(status.state)) : 0;
}

/** A run that is under way has no exit code yet; one whose process is gone has failed. */
function unfinishedCode(state: string): number {
  return state === 'running' ? 0 : 4;
}

/** Writes the report of a run or of all shards again, and prints its path. */
export async function runReport(options: ImportOptions, world: World, { runReport }: Compositions): Promise<number> {
  const { composeReport, reportShards } = await runReport();
  const folder = options.sources[0]!;
  world.stdout.write(`${(await reportShards(folder, world)) ?? (await composeReport(folder, world))}\n`);
  return 0;
}
