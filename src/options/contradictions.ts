import { amountText } from '../domain/amount.ts';
import { formatCount } from '../domain/format.ts';
import type { ImportError } from '../domain/import-error.ts';
import type { ImportOptions, OptionName } from './import-options.ts';
import { ifExistsText } from './parse/parse-if-exists.ts';
import { usageError } from './parse/usage-error.ts';

/** Options before what is derived from them. */
export type Options = Omit<ImportOptions, 'settings' | 'given'>;
export type Given = ReadonlySet<OptionName>;

/** As `findContradiction`, for `import-tokens plan`. */
export function findPlanContradiction(options: Options, given: Given): ImportError | undefined {
  if (options.sources.length > 0) return findContradiction({ ...options, dryRun: true }, given);
  return usageError(
    'no source is given to plan with',
    'name the files, or - for standard input: import-tokens plan tokens.csv; a file called plan is imported as ./plan',
  );
}

/** Status and report take the directory of one run. */
export function findRunContradiction(command: 'status' | 'report', { sources }: Options): ImportError | undefined {
  if (sources.length === 1) return undefined;
  const got = sources.length === 0 ? 'none' : `${sources.length}`;
  return usageError(
    `import-tokens ${command} takes one run directory, got ${got}`,
    `import-tokens ${command} import-tokens-runs/2026-01-31T02-00-00Z`,
  );
}

/**
 * The first contradiction among the options, or undefined. Flags of DynamoDB are harmless with the memory repository:
 * a rehearsal is the same command with `--repository memory` behind it.
 */
export function findContradiction(options: Options, given: Given): ImportError | undefined {
  return (
    sources(options) ??
    dryRun(options) ??
    memory(options, given) ??
    runDirectory(options, given) ??
    reading(options) ??
    mapping(options) ??
    existing(options) ??
    amounts(options)
  );
}

function sources({ sources, resume, summary }: Options): ImportError | undefined {
  if (sources.length === 0 && resume === undefined) {
    return usageError(
      'no source is given',
      'name the files to import, or - for standard input: import-tokens tokens.csv; see import-tokens --help',
    );
  }
  if (sources.filter((source) => source === '-').length > 1) {
    return usageError('standard input (-) is given more than once', 'it can be read only once');
  }
  if (summary !== undefined && sources.includes(summary)) {
    return usageError(`--summary ${summary} would overwrite a source`, 'name another file');
  }
  return undefined;
}

function dryRun({ dryRun, json, resume }: Options): ImportError | undefined {
  if (dryRun && resume !== undefined) {
    return usageError(
      '--dry-run reads the source from its beginning, --resume goes on in the midst of it',
      'leave one of the two out',
    );
  }
  if (!json || dryRun) return undefined;
  return usageError('--json is for plans', 'add --dry-run; the summary of an import is JSON with --summary FILE');
}

function memory({ repository, wps, memoryWcu }: Options, given: Given): ImportError | undefined {
  if (repository === 'memory') {
    if (wps?.kind !== 'percent' || memoryWcu !== undefined) return undefined;
    return usageError(
      `--wps ${amountText(wps)} is a share, but the memory repository has no limit to take it from`,
      'give --wps as a number, or the modelled table a limit with --memory-wcu',
    );
  }
  const flag = (['latencyMs', 'memoryWcu', 'retain'] as const).find((name) => given.has(name));
  if (flag === undefined) return undefined;
  const text = { latencyMs: '--latency', memoryWcu: '--memory-wcu', retain: '--retain' }[flag];
  return usageError(
    `${text} says how to model a table, but --repository is ${repository}`,
    `leave ${text} out, or rehearse with --repository memory`,
  );
}

function runDirectory({ repository, runDir, resume }: Options, given: Given): ImportError | undefined {
  if (runDir === null && repository !== 'memory') {
    return usageError(
      '--no-run-dir is only for --repository memory',
      'without a run directory an interrupted import could not be resumed and its rejects would be lost',
    );
  }
  if (resume === undefined) return undefined;
  if (given.has('runDir')) {
    return usageError(
      `--resume goes on in its own folder, so ${runDir === null ? '--no-run-dir' : '--run-dir'} contradicts it`,
      'give one of the two',
    );
  }
  if (given.has('skipRows')) {
    return usageError(
      '--skip-rows contradicts --resume, which goes on where the run stopped',
      'leave --skip-rows out, or start a new run without --resume',
    );
  }
  return undefined;
}

function reading(options: Options): ImportError | undefined {
  if (options.format === 'csv' && options.header === false && options.columns === undefined) {
    return usageError('--no-header leaves the columns without names', 'name them with --columns a,b,c');
  }
  const same = (['quote', 'escape'] as const).find((name) => options[name] && options[name] === options.delimiter);
  if (same === undefined) return undefined;
  return usageError(`--delimiter and --${same} are the same character`, 'a field could not be told from its border');
}

function mapping({ omit, types, rename, key }: Options): ImportError | undefined {
  const both = omit.find((column) => Object.hasOwn(types, column) || Object.hasOwn(rename, column));
  if (both !== undefined) {
    const flag = Object.hasOwn(types, both) ? '--types' : '--rename';
    return usageError(`column "${both}" is left out by --omit, but ${flag} names it`, 'leave it out of one of the two');
  }
  const targets = Object.values(rename);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) return usageError(`--rename: two columns would become "${twice}"`);
  const keyOmitted = key?.find((name) => omit.includes(name) && !targets.includes(name));
  if (keyOmitted === undefined) return undefined;
  return usageError(`"${keyOmitted}" is a key, but --omit leaves it out`, 'an item needs its whole key');
}

function existing({ repository, ifExists, omit }: Options): ImportError | undefined {
  if (ifExists.kind === 'replace') return undefined;
  if (repository === 'dynamodb-sdk') {
    return usageError(
      `--if-exists ${ifExistsText(ifExists)} needs conditional puts, and --repository dynamodb-sdk writes by BatchWriteItem`,
      'use --repository dynamodb',
    );
  }
  if (ifExists.kind === 'keep' || !omit.includes(ifExists.column)) return undefined;
  return usageError(
    `--if-exists ${ifExistsText(ifExists)} compares a column that --omit leaves out`,
    'leave it out of one of the two',
  );
}

function amounts({ reserve, expectRows, maxRows }: Options): ImportError | undefined {
  if (reserve.kind === 'percent' && reserve.value === 100) {
    return usageError('--reserve 100% leaves nothing to write with', 'reserve less');
  }
  if (expectRows !== undefined && maxRows !== undefined && maxRows < expectRows) {
    return usageError(
      `--max-rows ${maxRows} stops before the ${formatCount(expectRows)} rows of --expect-rows`,
      'leave one of the two out',
    );
  }
  return undefined;
}
