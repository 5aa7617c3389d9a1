import { type CommandName, type OptionGroup, type OptionRow, readingCommands } from './option-row.ts';
import { optionGroups } from './option-table.ts';

/** The groups with the options of one command; a group without any is left out. */
export function optionGroupsOf(command: CommandName): readonly OptionGroup[] {
  return optionGroups
    .map(({ heading, options }) => ({ heading, options: options.filter((row) => hasOption(command, row)) }))
    .filter(({ options }) => options.length > 0);
}

/** The commands that have the flag. */
export function commandsOf(flag: string): readonly CommandName[] {
  const rows = optionGroups.flatMap(({ options }) => options);
  return rows
    .filter(({ flags }) => flags.split(/[ ,]+/).includes(flag))
    .flatMap(({ commands = readingCommands }) => commands);
}

function hasOption(command: CommandName, { commands = readingCommands }: OptionRow): boolean {
  return commands.includes(command);
}
