import { type ImportError, usageError } from '../domain/import-error.ts';
import { flagOf, type ImportOptions } from './import-options.ts';

/** Returns what contradicts the rule, or undefined. */
export type Rule = (options: ImportOptions) => ImportError | undefined;

export function automaticResume({ resume, runDir, sources }: ImportOptions): ImportError | undefined {
  if (resume !== 'auto') return undefined;
  if (typeof runDir !== 'string') {
    return usageError(
      '--resume auto requires --run-dir: it continues the run in that directory, or starts it',
      'Add --run-dir, or name the run to continue: --resume import-tokens-runs/2026-01-31T02-00-00Z.',
    );
  }
  if (sources.length > 0) return undefined;
  return usageError(
    '--resume auto requires the source, because it may have to start the run',
    'Name the files to import.',
  );
}

export function importedSource({ sources, resume }: ImportOptions): ImportError | undefined {
  if (sources.length > 0 || resume !== undefined) return undefined;
  return usageError(
    'no source is given',
    'Name the files to import, or - for standard input: import-tokens tokens.csv. See import-tokens --help.',
  );
}

export function plannedSource({ sources }: ImportOptions): ImportError | undefined {
  if (sources.length > 0) return undefined;
  return usageError(
    'no source is given to plan with',
    'Name the files, or - for standard input: import-tokens plan tokens.csv. To import a file called plan, write ./plan.',
  );
}

export function verifiedSource({ sources, resume, repository }: ImportOptions): ImportError | undefined {
  if (resume === 'auto') {
    return usageError(
      '--resume auto is only for imports',
      'Name the directory of the verification, or leave --resume out.',
    );
  }
  if (sources.length === 0 && resume === undefined) {
    return usageError(
      'no source is given to compare with',
      'Name the imported files, in the same order: import-tokens verify tokens.csv --table tokens.',
    );
  }
  if (repository !== 'memory') return undefined;
  return usageError(
    'the memory repository keeps nothing from one process to the next',
    'Leave --repository memory out to compare with a table.',
  );
}

export function convertedSource({ sources, resume, to, given }: ImportOptions): ImportError | undefined {
  if (resume !== undefined) {
    if (!given.includes('maxRows')) return undefined;
    return usageError('--max-rows cannot change on --resume of a conversion', 'Leave it out, or start a new run.');
  }
  if (sources.length === 0) {
    return usageError(
      'no source is given to convert',
      'Name the files, or - for standard input: import-tokens convert tokens.csv --to items.',
    );
  }
  if (to !== undefined) return undefined;
  return usageError('convert requires --to', 'Name a new folder for the files: --to items.');
}

/** The verb and what follows it are in `sources`. */
export function capacityVerb({ sources, wcu, given }: ImportOptions): ImportError | undefined {
  const [verb = '', folder, ...rest] = sources;
  const example = 'Try import-tokens capacity show --table tokens, or see import-tokens capacity --help.';
  if (!['show', 'set', 'warm', 'restore'].includes(verb)) {
    return usageError(
      `expected capacity show, set, warm or restore, got ${verb === '' ? 'nothing' : `"${verb}"`}`,
      example,
    );
  }
  const extra = verb === 'restore' ? rest[0] : folder;
  if (extra !== undefined) return usageError(`unexpected argument "${extra}" after capacity ${verb}`, example);
  if (verb === 'show') {
    return given.includes('wcu') ? usageError('capacity show changes nothing', 'Leave --wcu out.') : undefined;
  }
  if (folder !== undefined) {
    const name = (['table', 'wcu', 'indexWcu'] as const).find((each) => given.includes(each));
    return (
      name && usageError('capacity restore reads from the run directory what to restore', `Leave ${flagOf(name)} out.`)
    );
  }
  if (wcu !== undefined && (verb !== 'restore' || given.includes('table'))) return undefined;
  return verb !== 'restore'
    ? usageError(
        `capacity ${verb} requires --wcu`,
        `Add it: import-tokens capacity ${verb} --table tokens --wcu 20000.`,
      )
    : usageError(
        'capacity restore requires a run directory, or --table and --wcu',
        'Name the directory: import-tokens capacity restore import-tokens-runs/2026-01-31T02-00-00Z.',
      );
}

export function oneRunOrNone(options: ImportOptions): ImportError | undefined {
  const { sources, watch, exitCode } = options;
  if (sources.length > 0) return oneRun('status')(options);
  if (!watch && !exitCode) return undefined;
  const flag = watch ? '--watch' : '--exit-code';
  return usageError(`${flag} requires a run directory`, 'Name it, or leave the flag out to list the runs.');
}

export function oneRun(command: 'status' | 'report'): Rule {
  return ({ sources }) => {
    if (sources.length === 1) return undefined;
    return usageError(
      `import-tokens ${command} requires one run directory, got ${sources.length === 0 ? 'none' : sources.length}`,
      `Name it: import-tokens ${command} import-tokens-runs/2026-01-31T02-00-00Z.`,
    );
  };
}

export function knownShell({ sources: [shell = 'nothing', ...rest] }: ImportOptions): ImportError | undefined {
  if (shells.includes(shell) && rest.length === 0) return undefined;
  return usageError(
    `expected completion bash, zsh or fish, got ${[shell, ...rest].join(' ')}`,
    'See import-tokens completion --help.',
  );
}

const shells: readonly string[] = ['bash', 'zsh', 'fish'];
