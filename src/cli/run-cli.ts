import { exitCodeOf } from '../domain/exit-code.ts';
import { ImportError } from '../domain/import-error.ts';
import { setAwsVariables } from './aws-variables.ts';
import { parseCommandLine } from './command-line.ts';
import type { Compositions } from './compositions.ts';
import type { World } from './world.ts';
import { writeFault } from './write-fault.ts';

/** The whole program, from arguments to exit code. */
export async function runCli(world: World, compositions: Compositions): Promise<number> {
  try {
    const commandLine = parseCommandLine(world.argv, Math.min(world.stdout.columns(), widestHelp), world.runtime);
    if (commandLine.kind === 'shown') {
      world.stdout.write(commandLine.text);
      return 0;
    }
    const { command, options } = commandLine;
    setAwsVariables(world, options.profile);
    return await command.run(options, world, compositions);
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
  return 1;
}
