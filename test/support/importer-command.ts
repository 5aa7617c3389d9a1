import { fileURLToPath } from 'node:url';

export type ImporterCommand = {
  readonly file: string;
  /** Arguments before those of the importer. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** A single executable to test instead of `bin/import-tokens.js`; its PATH is empty. */
const executable = process.env['IMPORT_TOKENS_BINARY'];
/** Every case is a process of its own or several: `npm test` leaves some out, and `.ci/run` runs all with the executable. */
export const runsEveryCase = executable !== undefined;
const launcher = fileURLToPath(new URL('../../bin/import-tokens.js', import.meta.url));

/** How tests start the importer, or another `script`, with options for Node itself. */
export function importerCommand(nodeOptions: readonly string[] = [], script?: string): ImporterCommand {
  if (executable === undefined || script !== undefined) {
    return { file: process.execPath, args: [...nodeOptions, script ?? launcher], env: {} };
  }
  return { file: executable, args: [], env: { PATH: '', NODE_OPTIONS: nodeOptions.join(' ') } };
}
