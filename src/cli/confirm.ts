import type { PreflightFacts } from '../report/preflight.ts';
import type { Screen } from '../report/screen.ts';
import type { ImportOptions } from './import-options.ts';
import type { World } from './world.ts';

type Confirmation = {
  /** Shows the facts and, on a terminal, asks; resolves true where the import may write. */
  ask(facts: PreflightFacts): Promise<boolean>;
  /** True while the answer is waited for. */
  asking(): boolean;
  /** True once the operator has said no. */
  declined(): boolean;
};

/**
 * Asks where someone can answer: on a terminal, without `--yes`. Standard input can't be both answers and rows, and a
 * rehearsal has nothing to confirm.
 */
export function confirmOn(world: World, screen: Screen, options: ImportOptions, signal: AbortSignal): Confirmation {
  const { stdin, stderr } = world;
  const asks =
    stdin.isTerminal &&
    stderr.isTerminal &&
    !options.yes &&
    options.repository !== 'memory' &&
    !options.sources.includes('-');
  let asking = false;
  let declined = false;
  return {
    async ask(facts) {
      screen.preflight(facts, asks);
      if (!asks) return true;
      const { goOnQuestion } = await import('../report/preflight-text.ts');
      asking = true;
      const confirmed = await askToGoOn(goOnQuestion(facts), world, signal);
      asking = false;
      declined = !confirmed && !signal.aborted;
      return confirmed;
    },
    asking: () => asking,
    declined: () => declined,
  };
}

/** Asks on the terminal; true for yes. */
export async function askToGoOn(question: string, { stdin, stderr }: World, signal: AbortSignal): Promise<boolean> {
  stderr.write(`${question} [y/N] `);
  const answer = await stdin.readLine(signal);
  if (answer === undefined) stderr.write('\n');
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}
