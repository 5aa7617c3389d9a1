import packageJson from '../../package.json' with { type: 'json' };
import { type Flag, flagGroups } from '../options/import-options.ts';
import { commands, helpOf, typed } from './commands.ts';

/** The manual page import-tokens(1) in roff, with every command and option. */
export function manPage(): string {
  const synopsis = commands.map(({ name, usage }) => `.B ${roff(typed(name))}\n${roff(usage)}\n.br\n`);
  const sections = commands.map(
    ({ name, about, before, after }) =>
      `.SS ${roff(name)}\n${sentence(about)}\n${before === undefined ? '' : verbatim(before)}${verbatim(after)}`,
  );
  const options = flagGroups.map(({ heading, flags }) => `.SS ${roff(heading)}\n${flags.map(paragraph).join('')}`);
  const examples = commands.flatMap((command) =>
    command.examples.map(([line, about]) => `.TP\n.B ${roff(line)}\n${sentence(about)}\n`),
  );
  return `.TH IMPORT-TOKENS 1 "" "import-tokens ${packageJson.version}" "User Commands"
.SH NAME
import-tokens \\- ${roff(packageJson.description.replace(/\.$/, ''))}
.SH SYNOPSIS
${synopsis.join('')}.SH COMMANDS
${sections.join('')}.SH OPTIONS
Each option names the commands that take it.
${options.join('')}.SH EXAMPLES
${examples.join('')}`;
}

function paragraph(flag: Flag): string {
  return `.TP\n.B ${roff(flag.usage)}\n${sentence(helpOf(flag))}\nCommands: ${flag.commands.join(', ')}.\n`;
}

function sentence(phrase: string): string {
  return roff(`${phrase[0]?.toUpperCase()}${phrase.slice(1)}.`);
}

function verbatim(text: string): string {
  return `.PP\n.nf\n${text.split('\n').map(roff).join('\n')}\n.fi\n`;
}

/** Text of which roff takes nothing for a request or an escape. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}
