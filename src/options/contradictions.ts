import { amountText } from '../domain/amount.ts';
import { parseTemplate } from '../domain/column.ts';
import { formatCount, shellWord } from '../domain/format.ts';
import { type ImportError, usageError } from '../domain/import-error.ts';
import { type Flag, flagGroupsOf, flagOf, type ImportOptions, options as optionsByName } from './import-options.ts';
import {
  automaticResume,
  capacityVerb,
  convertedSource,
  importedSource,
  knownShell,
  oneRun,
  oneRunOrNone,
  plannedSource,
  type Rule,
  verifiedSource,
} from './operand-rules.ts';
import type { CommandName } from './option.ts';
import { isLiveSource, liveOptions, readingOptions } from './source-options.ts';
import { ifExists } from './syntax/texts.ts';

/** The first contradiction among the options of the command, or undefined. */
export function findContradiction(command: CommandName, options: ImportOptions): ImportError | undefined {
  return first(rulesOf[command], options) ?? conflict(command, options);
}

/**
 * Options of DynamoDB are harmless with the memory repository, so that a rehearsal is the same command with
 * `--repository memory` added.
 */
const aboutTheSource: readonly Rule[] = [
  sameSource,
  memoryModel,
  runDirectory,
  liveServer,
  dialect,
  mapping,
  expiry,
  existingItems,
  deletions,
  amounts,
  shardRaise,
];

const rulesOf: Readonly<Record<CommandName, readonly Rule[]>> = {
  import: [verification, automaticResume, importedSource, ...aboutTheSource],
  plan: [plannedSource, ...aboutTheSource],
  verify: [verifiedSource, ...aboutTheSource],
  convert: [convertedSource, ...aboutTheSource],
  capacity: [capacityVerb],
  status: [oneRunOrNone],
  report: [oneRun('report')],
  completion: [knownShell],
};

function first(rules: readonly Rule[], options: ImportOptions): ImportError | undefined {
  for (const rule of rules) {
    const error = rule(options);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** Two flags that the descriptors declare incompatible. */
function conflict(command: CommandName, options: ImportOptions): ImportError | undefined {
  const given = flagGroupsOf(command)
    .flatMap(({ flags }) => flags)
    .filter((flag) => isUsed(flag, options));
  for (const { long, option } of given) {
    const other = given.find(
      (flag) => Object.hasOwn(option.conflicts, flag.long) && !(flag.long === '--resume' && mayStart(long, options)),
    );
    if (other === undefined) continue;
    const reason = option.conflicts[other.long];
    return usageError(
      `${long} cannot be combined with ${other.long}: ${reason}`,
      `Leave out ${long} or ${other.long}.`,
    );
  }
  return undefined;
}

/** `--resume auto` may start the run, so it takes what a start takes. */
function mayStart(long: string, { resume }: ImportOptions): boolean {
  return resume === 'auto' && ['--run-dir', '--skip-rows'].includes(long);
}

function sameSource({ sources, summary, metricsFile }: ImportOptions): ImportError | undefined {
  if (sources.filter((source) => source === '-').length > 1) {
    return usageError('standard input (-) is given more than once', 'Name it once: it can be read only once.');
  }
  const outputs = { '--summary': summary, '--metrics-file': metricsFile };
  const [flag, path] = Object.entries(outputs).find(([, file]) => file !== undefined && sources.includes(file)) ?? [];
  return flag === undefined ? undefined : usageError(`${flag} ${path} would overwrite a source`, 'Name another file.');
}

function memoryModel(options: ImportOptions): ImportError | undefined {
  const { repository, wps, memoryWcu } = options;
  if (repository === 'memory') {
    if (wps?.kind !== 'percent' || memoryWcu !== undefined) return undefined;
    return usageError(
      `--wps ${amountText(wps)} is a share, but the memory repository has no limit to take it from`,
      'Pass --wps as a number, or give the modelled table a limit with --memory-wcu.',
    );
  }
  const flag = givenOnlyWith('--repository memory', options);
  if (flag === undefined) return undefined;
  return usageError(
    `${flag} requires --repository memory, but --repository is ${repository}`,
    `Leave ${flag} out, or rehearse with --repository memory.`,
  );
}

function runDirectory({ repository, runDir }: ImportOptions): ImportError | undefined {
  if (runDir !== null || repository === 'memory') return undefined;
  return usageError(
    '--no-run-dir is only for --repository memory',
    'Leave it out: without a run directory an interrupted import cannot be resumed, and its rejects are lost.',
  );
}

/** An import that may end with a verification. */
function verification(options: ImportOptions): ImportError | undefined {
  if (!options.verify) {
    const flag = givenOnlyWith('--verify', options);
    if (flag === undefined) return undefined;
    return usageError(`${flag} requires --verify`, 'Add --verify, or use import-tokens verify.');
  }
  if (options.repository === 'memory') {
    return usageError(
      '--verify reads from a table, but --repository memory has none',
      'Leave out --verify or --repository memory.',
    );
  }
  if (!options.sources.includes('-')) return undefined;
  return usageError('--verify reads the source again, but standard input can be read only once', 'Import from a file.');
}

/** A live table says itself how it is read, and other sources have no server. */
function liveServer({ sources, given }: ImportOptions): ImportError | undefined {
  const ofServer = given.find((name) => Object.hasOwn(liveOptions, name));
  if (!sources.some(isLiveSource)) {
    if (ofServer === undefined || sources.length === 0) return undefined;
    return usageError(
      `${flagOf(ofServer)} requires a mysql:// source`,
      'Leave it out, or name a table of a server: mysql://user@host:3306/db/table.',
    );
  }
  if (sources.length > 1) {
    return usageError('a mysql:// source is read alone', 'Import every other source in a run of its own.');
  }
  const ofFile = given.find(
    (name) => Object.hasOwn(readingOptions, name) && name !== 'columns' && name !== 'maxRowBytes',
  );
  const other = ofFile ?? (given.includes('schema') ? 'schema' : undefined);
  if (other === undefined) return undefined;
  return usageError(`${flagOf(other)} does not apply to a mysql:// source`, 'Leave it out: the server tells it.');
}

function dialect(options: ImportOptions): ImportError | undefined {
  if (options.format === 'csv' && options.header === false && options.columns === undefined) {
    return usageError('--no-header leaves the columns without names', 'Name them with --columns a,b,c.');
  }
  const same = (['quote', 'escape'] as const).find((name) => options[name] && options[name] === options.delimiter);
  if (same === undefined) return undefined;
  return usageError(`--delimiter and --${same} are the same character`, 'Choose two different characters.');
}

/** Options that give one column two fates. */
function mapping({ omit, types, rename, set, key }: ImportOptions): ImportError | undefined {
  const both = omit.find((column) => Object.hasOwn(types, column) || Object.hasOwn(rename, column));
  if (both !== undefined) {
    const flag = Object.hasOwn(types, both) ? '--types' : '--rename';
    return usageError(
      `column "${both}" is left out by --omit, but ${flag} names it`,
      `Remove it from --omit or ${flag}.`,
    );
  }
  const targets = Object.values(rename);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) return usageError(`--rename: two columns would become "${twice}"`);
  const made = set.map((text) => parseTemplate(text).name);
  const keyOmitted = key?.find((name) => omit.includes(name) && !targets.includes(name) && !made.includes(name));
  if (keyOmitted === undefined) return undefined;
  return usageError(
    `"${keyOmitted}" is a key, but --omit leaves it out`,
    'Remove it from --omit: an item needs its whole key.',
  );
}

/** Rows that have expired. */
function expiry({ skipExpiredGraceSeconds, ttlColumn, omit }: ImportOptions): ImportError | undefined {
  if (ttlColumn === undefined) return undefined;
  if (skipExpiredGraceSeconds === undefined) {
    return usageError('--ttl-column requires --skip-expired', 'Add --skip-expired, or leave --ttl-column out.');
  }
  if (!omit.includes(ttlColumn)) return undefined;
  return usageError(
    '--ttl-column names a column that --omit leaves out',
    'Remove it from --omit, or name another column.',
  );
}

/** What happens to existing items. */
function existingItems({ repository, ifExists: how, omit }: ImportOptions): ImportError | undefined {
  if (how.kind === 'replace') return undefined;
  const flag = `--if-exists ${ifExists.format(how)}`;
  if (repository === 'dynamodb-sdk') {
    return usageError(
      `${flag} needs conditional puts, but --repository dynamodb-sdk writes with BatchWriteItem`,
      'Use --repository dynamodb.',
    );
  }
  if (how.kind === 'keep' || !omit.includes(how.column)) return undefined;
  return usageError(
    `${flag} compares a column that --omit leaves out`,
    'Remove it from --omit, or compare another column.',
  );
}

/** Rows that delete. */
function deletions({ deleteWhere, ifExists: how, given, resume }: ImportOptions): ImportError | undefined {
  if (deleteWhere === undefined) {
    // The run that is resumed may have the condition.
    if (!given.includes('maxDeletes') || resume !== undefined) return undefined;
    return usageError('--max-deletes requires --delete-where', 'Leave --max-deletes out, or add --delete-where.');
  }
  if (how.kind !== 'keep') return undefined;
  return usageError(
    '--delete-where cannot be combined with --if-exists keep, which leaves every existing item as it is',
    'Pass --if-exists newer:COLUMN, or leave --if-exists out.',
  );
}

function amounts({ reserve, expectRows, maxRows }: ImportOptions): ImportError | undefined {
  if (reserve.kind === 'percent' && reserve.value === 100) {
    return usageError('--reserve 100% leaves nothing to write with', 'Reserve less.');
  }
  if (expectRows === undefined || maxRows === undefined || maxRows >= expectRows) return undefined;
  return usageError(
    `--max-rows ${maxRows} stops before the ${formatCount(expectRows)} rows of --expect-rows`,
    'Leave out --max-rows or --expect-rows.',
  );
}

/** The first shard to end would restore the capacity that the others still write with. */
export function shardRaise({ shard, raiseWcu, table }: ImportOptions): ImportError | undefined {
  if (shard === undefined || raiseWcu === undefined) return undefined;
  const command = (verb: string) => `import-tokens capacity ${verb} --table ${shellWord(table)}`;
  return usageError(
    '--raise-wcu cannot be combined with --shard: the first shard to end would restore the capacity for all',
    `Run ${command('set')} --wcu ${raiseWcu} before the job, and ${command('restore')} --wcu N after it, with the N that the table has now.`,
  );
}

/** The first flag given that means nothing without the other. */
function givenOnlyWith(requirement: '--verify' | '--repository memory', { given }: ImportOptions): string | undefined {
  const name = given.find((each) => optionsByName[each]?.onlyWith === requirement);
  return name === undefined ? undefined : flagOf(name);
}

/** Of the flags of one option, the one whose value is set. */
function isUsed({ name, option, takes }: Flag, options: ImportOptions): boolean {
  if (!options.given.includes(name)) return false;
  if ('value' in takes) return takes.value === options[name];
  return option.also.every(({ value }) => value !== options[name]);
}
