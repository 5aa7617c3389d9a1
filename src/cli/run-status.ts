import type { ImportOptions } from '../options/import-options.ts';
import type { Compositions, World } from './world.ts';

/** Prints the state of a run, even while another process runs it. */
export async function runStatus(options: ImportOptions, world: World, { runReport }: Compositions): Promise<number> {
  const { composeStatus } = await runReport();
  const { status, nowMs } = await composeStatus(options.sources[0]!, world);
  const [{ statusJson, statusText }, { terminalColumns }] = await Promise.all([
    import('../report/watch/run-status.ts'),
    import('../report/page.ts'),
  ]);
  const { isTerminal, look, columns } = world.stdout;
  const size = {
    columns: columns() - 1,
    colors: isTerminal && look.colors,
    unicode: look.unicode,
    pageColumns: terminalColumns(world.stdout),
  };
  world.stdout.write(options.json ? statusJson(status) : statusText(status, nowMs, size));
  return 0;
}

/** Rewrites the report of a run, and prints its path. */
export async function runReport(options: ImportOptions, world: World, { runReport }: Compositions): Promise<number> {
  const { composeReport } = await runReport();
  world.stdout.write(`${await composeReport(options.sources[0]!, world)}\n`);
  return 0;
}
