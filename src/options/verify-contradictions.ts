import type { ImportError } from '../domain/import-error.ts';
import { findContradiction, type Given, type Options } from './contradictions.ts';
import { usageError } from './parse/usage-error.ts';

/** The first contradiction among the options of `import-tokens verify`. */
export function findVerifyContradiction(options: Options, given: Given): ImportError | undefined {
  if (options.sources.length === 0 && options.resume === undefined) {
    return usageError(
      'no source is given to compare with',
      'name the files that were imported, in the same order: import-tokens verify tokens.csv --table tokens',
    );
  }
  if (options.repository === 'memory') {
    return usageError(
      'the memory repository keeps nothing from one process to the next',
      'compare with a table: leave --repository memory out',
    );
  }
  return howToCompare(options, given) ?? findContradiction({ ...options, json: false }, given);
}

/** Of an import that may end with a verification. */
export function findVerifyingContradiction(options: Options, given: Given): ImportError | undefined {
  const { verify, repository, sources } = options;
  const flag = (['sample', 'seed', 'all', 'rcu', 'consistent'] as const).find((name) => given.has(name));
  if (!verify) {
    if (flag === undefined) return undefined;
    return usageError(`--${flag} says how to verify`, 'add --verify, or use import-tokens verify');
  }
  if (repository === 'memory')
    return usageError('--verify reads from a table, and --repository memory has none', 'leave one of the two out');
  if (sources.includes('-')) {
    return usageError(
      '--verify reads the source again, and standard input can be read only once',
      'import from a file',
    );
  }
  return howToCompare(options, given);
}

function howToCompare({ all }: Options, given: Given): ImportError | undefined {
  const ofSample = (['sample', 'seed'] as const).find((name) => given.has(name));
  if (!all || ofSample === undefined) return undefined;
  return usageError(`--all compares every row, --${ofSample} is for some of them`, 'leave one of the two out');
}
