import { shellWord } from '../../domain/format.ts';
import type { RepairOfRejects } from '../../domain/run-summary.ts';
import { commandsWith } from '../../options/flags.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { CommandName } from '../../options/option.ts';
import { shownPath } from '../shell-command.ts';
import { listedShape, type OpenedRows } from '../source/open-rows.ts';
import type { Surroundings } from '../surroundings.ts';
import { reportName } from './record-run.ts';

/** Files and commands for what is to be done after an import into this folder, complete, to be pasted into a shell. */
export type NextSteps = {
  readonly report: string;
  /** Absent if there is no table, or if the import verifies by itself. */
  readonly verifyCommand?: string;
  readonly repair: RepairOfRejects;
};

export function nextSteps(
  options: ImportOptions,
  rows: OpenedRows,
  folder: string,
  world: Pick<Surroundings, 'cwd'>,
): NextSteps {
  const path = (name: string) => shownPath(`${folder}/${name}`, world);
  const rejected = path(`rejected.${listedShape(rows).extension}`);
  const verifies = options.repository === 'memory' || options.verify;
  const sources = options.sources.map((source) => shownPath(source, world));
  return {
    report: path(reportName),
    ...(!verifies && { verifyCommand: command('import-tokens verify', sources, flagsOf('verify', options, [])) }),
    repair: {
      rows: rejected,
      reasons: path('rejects.jsonl'),
      importCommand: command(
        'import-tokens',
        [rejected],
        [...flagsOf('import', options, ofThisSource), ...shapeFlags(options, rows, world)],
      ),
    },
  };
}

/** Options that belong to the whole source, or to this run of it. */
const ofThisSource: readonly string[] = [
  '--expect-rows',
  '--skip-rows',
  '--max-rows',
  '--raise-wcu',
  '--keep-raised',
  '--suspend-autoscaling',
];
const ofThisRun: readonly string[] = ['--run-dir', '--no-run-dir', '--summary', '--resume'];

function command(program: string, sources: readonly string[], flags: readonly string[]): string {
  return [program, ...sources, ...flags].join(' ');
}

/** The options that the operator gave, as far as the command has them. */
function flagsOf(name: CommandName, { settings }: ImportOptions, without: readonly string[]): string[] {
  return settings
    .filter(({ flag, origin }) => origin === 'flag' && commandsWith(flag).includes(name))
    .filter(({ flag }) => !without.includes(flag) && !ofThisRun.includes(flag))
    .map(({ flag, value }) => {
      if (value === '') return flag;
      return value.startsWith('-') ? `${flag}=${shellWord(value)}` : `${flag} ${shellWord(value)}`;
    });
}

/** A file of rejected rows has another name and no schema next to it. */
function shapeFlags(options: ImportOptions, { dialect, sqlTypes }: OpenedRows, world: Pick<Surroundings, 'cwd'>) {
  const [source = ''] = options.sources;
  const format = dialect.name === 'mysql' && dialect.header ? 'mysql-batch' : dialect.name;
  const schema = dialect.name === 'sql' ? source : source.replace(/\.txt(\.gz|\.zst)?$/, '.sql');
  const isFound = options.schema === undefined && sqlTypes.size > 0 && schema.endsWith('.sql');
  return [
    ...(options.format === undefined && dialect.name !== 'csv' ? [`--format ${format}`] : []),
    ...(isFound ? [`--schema ${shownPath(schema, world)}`] : []),
  ];
}
