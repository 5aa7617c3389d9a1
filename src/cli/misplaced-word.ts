import { usageError } from '../options/parse/usage-error.ts';
import { commands } from './commands.ts';

/** What is typed in their place: words that are no command, but read like one. */
const meant: Readonly<Record<string, string>> = {
  show: 'capacity show',
  set: 'capacity set',
  restore: 'capacity restore',
  resume: '--resume',
  'dry-run': 'plan',
  help: '--help',
  version: '--version',
};

/** A word that names a command, or reads like one, is taken for a file only where a path says so. */
export function refuseMisplacedWord([first = '', ...rest]: readonly string[]): void {
  const late = commands.find(({ name }) => name === first);
  if (late !== undefined) {
    throw usageError(
      `"${late.name}" is a command, and a command goes first`,
      `import-tokens ${late.name} ${late.usage}; a file of that name is ./${late.name}`,
    );
  }
  const instead = Object.hasOwn(meant, first) ? meant[first] : commands.find(({ name }) => isSlip(first, name))?.name;
  if (instead === undefined) return;
  // In `show capacity` the words are there, but swapped.
  const operands = rest.filter((word) => !instead.startsWith(`${word} `));
  const isPlain = operands.every((word) => /^[\w./-]+$/.test(word));
  throw usageError(
    `"${first}" is no command`,
    `did you mean import-tokens ${[instead, ...(isPlain ? operands : [])].join(' ')}? A file of that name is ./${first}`,
  );
}

/** Whether one letter is wrong, missing or too many, or two have changed places. */
function isSlip(typed: string, name: string): boolean {
  let same = 0;
  while (same < name.length && typed[same] === name[same]) same++;
  const [a, b] = [typed.slice(same), name.slice(same)];
  const isSwapped = a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  return isSwapped || a.slice(1) === b.slice(1) || a === b.slice(1) || a.slice(1) === b;
}
