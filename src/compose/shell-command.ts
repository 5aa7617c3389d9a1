import { shellWord } from '../domain/format.ts';
import type { Surroundings } from './surroundings.ts';

type Place = Pick<Surroundings, 'cwd'>;

/** Goes on with the run in this folder; standard input has to be piped in again, files are known. */
export function resumeCommand(folder: string, sources: readonly string[], place: Place, isConversion = false): string {
  return `import-tokens ${isConversion ? 'convert ' : ''}--resume ${shownPath(folder, place)}${sources.includes('-') ? ' -' : ''}`;
}

/** The same of a verification. */
export function verifyResumeCommand(folder: string, sources: readonly string[], place: Place): string {
  return `import-tokens verify --resume ${shownPath(folder, place)}${sources.includes('-') ? ' -' : ''}`;
}

/** Puts back the capacity that the run in this folder raised. */
export function restoreCommand(folder: string, place: Place): string {
  return `import-tokens capacity restore ${shownPath(folder, place)}`;
}

/** The command that was typed, with these flags in place of its own that say how the source is read. */
export function commandWith(argv: readonly string[], flags: readonly string[]): string {
  const kept = argv.filter((word, i) => !readingFlag.test(word) && !takesValue.test(argv[i - 1] ?? ''));
  return ['import-tokens', ...kept.map(shellWord), ...flags].join(' ');
}

const readingFlag = /^--(format|delimiter|quote|escape|fields-[a-z-]+|lines-[a-z-]+|header|no-header)(=|$)/;
const takesValue = /^--(format|delimiter|quote|escape|fields-[a-z-]+|lines-[a-z-]+)$/;

/** The path as a command in `cwd` would name it. */
export function shownPath(folder: string, { cwd }: Place): string {
  return shellWord(folder.startsWith(`${cwd}/`) ? folder.slice(cwd.length + 1) : folder);
}
