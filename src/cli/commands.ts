import type { ImportError } from '../domain/import-error.ts';
import { findCapacityContradiction } from '../options/capacity-contradictions.ts';
import {
  findContradiction,
  findPlanContradiction,
  findRunContradiction,
  type Given,
  type Options,
} from '../options/contradictions.ts';
import type { ImportOptions } from '../options/import-options.ts';
import type { CommandName } from '../options/option-row.ts';
import { findVerifyContradiction, findVerifyingContradiction } from '../options/verify-contradictions.ts';
import type { Compositions } from './compositions.ts';
import { capacityHelp, examples, exitCodes, planExamples, verifyExamples } from './help-text.ts';
import { runCapacity } from './run-capacity.ts';
import { runImport } from './run-import.ts';
import { runPlan } from './run-plan.ts';
import { runReport, runStatus } from './run-status.ts';
import { runVerify } from './run-verify.ts';
import type { World } from './world.ts';

export type Command = {
  readonly name: CommandName;
  /** Behind the name in the usage line. */
  readonly usage: string;
  readonly about: string;
  readonly operands: string;
  /** Below the options in the help. */
  readonly helpText: string;
  findContradiction(options: Options, given: Given): ImportError | undefined;
  /** Resolves with the exit code. Throws ImportError. */
  run(options: ImportOptions, world: World, compositions: Compositions): Promise<number>;
};

const sources = 'files in the order to import them, or - for standard input; gzip is unpacked';

/** Every command; the first is the one that is meant where none is named. */
export const commands: readonly Command[] = [
  {
    name: 'import',
    usage: '<source...> [options]',
    about: 'import the rows; the word may be left out',
    operands: sources,
    helpText: `${examples}\n\n${exitCodes}`,
    findContradiction: (options, given) =>
      findVerifyingContradiction(options, given) ?? findContradiction(options, given),
    run: (options, ...rest) => (options.dryRun ? runPlan(options, ...rest) : runImport(options, ...rest)),
  },
  {
    name: 'plan',
    usage: '<source...> [options]',
    about: 'say what an import would be, and write nothing',
    operands: sources,
    helpText: planExamples,
    findContradiction: findPlanContradiction,
    run: runPlan,
  },
  {
    name: 'verify',
    usage: '<source...> [options]',
    about: 'read items back and compare them with the rows',
    operands: sources,
    helpText: verifyExamples,
    findContradiction: findVerifyContradiction,
    run: runVerify,
  },
  {
    name: 'capacity',
    usage: '<show|set|restore> [run directory] [options]',
    about: 'show, set or put back write units of table and indexes',
    operands: 'what to do; restore takes the directory of a run that left the table raised',
    helpText: capacityHelp,
    findContradiction: findCapacityContradiction,
    run: runCapacity,
  },
  {
    name: 'status',
    usage: '<run directory> [options]',
    about: 'show how a run stands, also while it runs',
    operands: 'the directory of the run',
    helpText: 'It reads, and changes nothing. --json prints it for programs.',
    findContradiction: (options) => findRunContradiction('status', options),
    run: runStatus,
  },
  {
    name: 'report',
    usage: '<run directory>',
    about: 'draw report.html of a run anew, also while it runs',
    operands: 'the directory of the run',
    helpText: 'It writes report.html in the run directory, and prints its path.',
    findContradiction: (options) => findRunContradiction('report', options),
    run: runReport,
  },
];
