import { commands } from './commands.ts';
import { usageError } from './usage-error.ts';

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
  if (!Object.hasOwn(meant, first)) return;
  const instead = meant[first]!;
  // In `show capacity` the words are there, but swapped.
  const operands = rest.filter((word) => !instead.startsWith(`${word} `));
  const isPlain = operands.every((word) => /^[\w./-]+$/.test(word));
  throw usageError(
    `"${first}" is no command`,
    `did you mean import-tokens ${[instead, ...(isPlain ? operands : [])].join(' ')}? A file of that name is ./${first}`,
  );
}
