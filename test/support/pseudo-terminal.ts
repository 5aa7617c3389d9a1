import { existsSync } from 'node:fs';
import type { ImporterCommand } from './importer-command.ts';

/** Node opens none; `script` of util-linux does. */
const script = '/usr/bin/script';

export const hasPseudoTerminal = process.platform === 'linux' && existsSync(script);

/** The same command on a pseudo-terminal of this width, its two outputs as one. */
export function onPseudoTerminal({ file, args, env }: ImporterCommand, columns: number): ImporterCommand {
  const command = [file, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const width = `PATH=/usr/bin:/bin stty cols ${columns} rows 24`;
  return { file: script, args: ['-qec', `${width}; exec ${command}`, '/dev/null'], env };
}
