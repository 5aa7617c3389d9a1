import { runShell } from '../../adapters/system/run-shell.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Surroundings } from '../surroundings.ts';

const timeoutMs = 60_000;

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
  const fault = await runShell(command, variables, { clock: systemClock, timeoutMs, signal });
  if (fault !== undefined) warn(`the command of --on-end failed: ${fault}`);
}
