import type { ComposeImport, ComposePlan } from './surroundings.ts';

/** How the work of each command is loaded: only where it is run, so that `--help` answers at once. */
export type Compositions = {
  readonly import: () => Promise<{ readonly composeImport: ComposeImport }>;
  readonly plan: () => Promise<{ readonly composePlan: ComposePlan }>;
};
