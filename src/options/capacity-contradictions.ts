import type { ImportError } from '../domain/import-error.ts';
import type { Given, Options } from './contradictions.ts';
import { usageError } from './parse/usage-error.ts';

const capacityVerbs = ['show', 'set', 'restore'] as const;

/** The first contradiction among the options of `import-tokens capacity`; the operands are in `sources`. */
export function findCapacityContradiction({ sources, wcu }: Options, given: Given): ImportError | undefined {
  const [verb = '', folder, ...rest] = sources;
  const example = 'import-tokens capacity show --table tokens; see import-tokens capacity --help';
  if (!capacityVerbs.some((known) => known === verb)) {
    return usageError(`expected capacity show, set or restore, got ${verb === '' ? 'nothing' : `"${verb}"`}`, example);
  }
  const extra = verb === 'restore' ? rest[0] : folder;
  if (extra !== undefined) return usageError(`"${extra}" is one word too many for capacity ${verb}`, example);
  if (verb === 'show')
    return given.has('wcu') ? usageError('capacity show sets nothing', 'leave --wcu out') : undefined;
  if (folder !== undefined) {
    const flag = (['table', 'wcu', 'indexWcu'] as const).find((name) => given.has(name));
    return flag === undefined
      ? undefined
      : usageError('capacity restore takes from the run directory what is to be put back', 'leave the figures out');
  }
  if (wcu !== undefined && (verb === 'set' || given.has('table'))) return undefined;
  return verb === 'set'
    ? usageError('capacity set needs --wcu', 'import-tokens capacity set --table tokens --wcu 20')
    : usageError(
        'capacity restore needs the run directory, or --table and --wcu',
        'import-tokens capacity restore import-tokens-runs/2026-01-31T02-00-00Z',
      );
}
