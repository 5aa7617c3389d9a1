import { exitCodeOf, exitCodes, ImportError } from '../domain/import-error.ts';
import type { CommandName } from '../options/option.ts';
import { parseCommandLine } from './command-line.ts';
import { completionScript, type Shell } from './completion.ts';
import { runCapacity } from './run-capacity.ts';
import { runConvert, runImport } from './run-import.ts';
import { runPlan } from './run-plan.ts';
import { runReport, runStatus } from './run-status.ts';
import { runVerify } from './run-verify.ts';
import { type Compositions, type World, writeFault } from './world.ts';

const runners: Readonly<Record<CommandName, typeof runImport>> = {
  import: (options, ...rest) => (options.dryRun ? runPlan(options, ...rest) : runImport(options, ...rest)),
  plan: runPlan,
  verify: runVerify,
  convert: runConvert,
  capacity: runCapacity,
  status: runStatus,
  report: runReport,
  completion: async ({ sources: [shell] }, { stdout }) => {
    stdout.write(completionScript(shell as Shell));
    return 0;
  },
};

/** The whole program, from arguments to exit code. */
export async function runCli(world: World, compositions: Compositions): Promise<number> {
  const { argv, stdout, runtime, isFile } = world;
  try {
    const commandLine = parseCommandLine(argv, Math.min(stdout.columns(), widestHelp), runtime, isFile);
    if (commandLine.kind === 'shown') {
      stdout.write(commandLine.text);
      return exitCodes.done;
    }
    const { command, options } = commandLine;
    setAwsVariables(world, options.profile);
    return await runners[command.name](options, world, compositions);
  } catch (error) {
    return tellFault(error, world);
  }
}

const widestHelp = 100;

function tellFault(error: unknown, world: World): number {
  if (error instanceof ImportError) {
    writeFault(error.message, error.hint, world);
    return exitCodeOf(error.code);
  }
  world.stderr.write(`This is a bug in import-tokens.\n${(error as Error)?.stack ?? String(error)}\n`);
  return exitCodes.bug;
}

/**
 * Sets AWS_PROFILE to the profile that the AWS CLI would take (`--profile`, AWS_PROFILE, AWS_DEFAULT_PROFILE), because
 * the AWS SDK reads some settings only from there, and expands `~` in the paths of the shared files.
 */
function setAwsVariables({ env, setEnv }: Pick<World, 'env' | 'setEnv'>, profile: string | undefined): void {
  const ofEnvironment = env['AWS_PROFILE'] || env['AWS_DEFAULT_PROFILE'];
  if (profile !== undefined) setEnv('AWS_PROFILE', profile);
  else if (ofEnvironment && ofEnvironment !== env['AWS_PROFILE']) setEnv('AWS_PROFILE', ofEnvironment);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) {
    const path = env[name];
    if (path?.startsWith('~/') && env['HOME']) setEnv(name, `${env['HOME']}${path.slice(1)}`);
  }
}
