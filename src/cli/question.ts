import type { ImportOptions } from '../options/import-options.ts';
import type { World } from './world.ts';

type Question = {
  /** True while the answer is waited for. */
  isOpen(): boolean;
  /** Asks on the terminal; resolves true for yes. */
  ask(text: string, signal: AbortSignal): Promise<boolean>;
};

/** Whether someone is there to answer, and wants to be asked. */
export function canAsk({ stdin, stderr }: World, { yes }: ImportOptions): boolean {
  return stdin.isTerminal && stderr.isTerminal && !yes;
}

export function openQuestion({ stdin, stderr }: World): Question {
  let isOpen = false;
  return {
    isOpen: () => isOpen,
    async ask(text, signal) {
      stderr.write(`${text} [y/N] `);
      isOpen = true;
      const answer = await stdin.readLine(signal);
      isOpen = false;
      if (answer === undefined) stderr.write('\n');
      return /^\s*y(es)?\s*$/i.test(answer ?? '');
    },
  };
}
