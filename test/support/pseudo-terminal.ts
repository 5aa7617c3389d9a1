import { existsSync } from 'node:fs';
import type { ImporterCommand } from './importer-command.ts';

/** Node cannot open a pseudo-terminal; `script` of util-linux can. */
const script = '/usr/bin/script';

export const hasPseudoTerminal = process.platform === 'linux' && existsSync(script);

/** The same command on a pseudo-terminal of this width, with both outputs as one. */
export function onPseudoTerminal({ file, args, env }: ImporterCommand, columns: number): ImporterCommand {
  const command = [file, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const width = `PATH=/usr/bin:/bin stty cols ${columns} rows 24`;
  return { file: script, args: ['-qec', `${width}; exec ${command}`, '/dev/null'], env };
}
