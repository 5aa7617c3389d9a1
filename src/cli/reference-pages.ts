import packageJson from '../../package.json' with { type: 'json' };
import { type Flag, flagGroups } from '../options/import-options.ts';
import type { Option } from '../options/option.ts';
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

/** The option reference in Markdown, generated from the descriptors. */
export function referencePage(): string {
  const sections = flagGroups.map(({ heading, flags }) => {
    const rows = flags.map(
      (flag) =>
        `| ${cells(flag)
          .map((cell) => cell.replaceAll('|', '\\|'))
          .join(' | ')} |\n`,
    );
    return `## ${heading}\n\n| option | meaning | default | commands | on \`--resume\` |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`;
  });
  return `${opening}\n${sections.join('\n')}`;
}

const opening = `# Options

After this page you can find any option: what it does, its default, which commands have it, and whether a resume may change it. \`import-tokens COMMAND --help\` prints the options of one command, and \`import-tokens completion bash\` a script that completes them (zsh and fish work too). \`npm run docs:options\` generates this page from the code.

Durations take a unit (\`10ms\`, \`2s\`, \`5m\`); a bare number is milliseconds. Numbers may be written with underscores (\`20_000\`). The last column says what happens when a run is continued:

- **fixed**: the option decides what is written, so a resume that passes another value is refused.
- **kept**: the run keeps the value, and a resume may pass another one.
- **per process**: the run does not keep it, so pass it again if you want it.
`;

const onResume: Readonly<Record<Option['scope'], string>> = { items: 'fixed', run: 'kept', process: 'per process' };

function cells({ usage, help, shownDefault = '', commands, option }: Flag): readonly string[] {
  // What is chosen later is told in words.
  const typed = shownDefault !== '' && !shownDefault.includes(' ') ? `\`${shownDefault}\`` : plain(shownDefault);
  return [`\`${usage}\``, plain(help), typed, commands.join(', '), onResume[option.scope]];
}

function plain(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('<', '&lt;');
}
