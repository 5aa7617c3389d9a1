import type {
  ComposeCapacity,
  ComposeImport,
  ComposePlan,
  ComposeReport,
  ComposeStatus,
  ComposeVerify,
} from '../compose/surroundings.ts';

/** How the work of each command is loaded: only where it is run, so that `--help` answers at once. */
export type Compositions = {
  readonly import: () => Promise<{ readonly composeImport: ComposeImport }>;
  readonly verify: () => Promise<{ readonly composeVerify: ComposeVerify }>;
  readonly capacity: () => Promise<{ readonly composeCapacity: ComposeCapacity }>;
  readonly runReport: () => Promise<{ readonly composeStatus: ComposeStatus; readonly composeReport: ComposeReport }>;
  readonly plan: () => Promise<{ readonly composePlan: ComposePlan }>;
};
