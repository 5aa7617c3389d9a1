import { describe, expect, it } from 'vitest';
import { rejectReasons } from '../../src/domain/row.ts';
import { flagGroups } from '../../src/options/import-options.ts';
import { page, pages, readme, readRepositoryFile } from './documents.ts';

const flags = flagGroups.flatMap(({ flags }) => flags.map(({ long }) => long));

describe('the README and the pages', () => {
  it.each([readme, ...pages])(
    'name no flag that neither the importer nor one of its scripts has: $path',
    ({ text }) => {
      const known = [
        ...flags,
        '--help',
        '--version',
        '--licenses',
        ...optionsOf('test/bench/bench.ts'),
        ...optionsOf('test/bench/sample.ts'),
        ...foreign,
      ];
      const named = new Set(text.match(/(?<![\w-])--[a-z0-9-]+[a-z]/g));
      expect([...named].filter((flag) => !known.includes(flag))).toEqual([]);
    },
  );

  it('name only scripts that exist', () => {
    const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> };
    const texts = [readme, ...pages].map(({ text }) => text).join('\n');
    const named = Array.from(texts.matchAll(/npm run (?:--silent )?([a-z:]+)/g), ([, name]) => name!);
    expect(named).toContain('demo');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('the README', () => {
  it('has the two commands for a clone', () => {
    expect(readme.text).toMatch(/^ {4}npm ci && npm run demo(?: +#.*)?\n {4}npm ci && npm test(?: +#.*)?$/m);
  });

  it('shows the recording of a run that ends with its balance', () => {
    const picture = /!\[[^\]]+\]\(([^)]+\.svg)\)/.exec(readme.text)![1]!;
    const texts = Array.from(readRepositoryFile(picture).matchAll(/<text[^>]*>([^<]*)<\/text>/g), ([, text]) => text!);
    expect(texts).toContain('$ import-tokens tokens.csv --repository memory --key token --wps 20000');
    expect(texts).toContainEqual(expect.stringMatching(/200,000 read = 200,000 written/));
  });

  it('names every exit code', () => {
    const table = readme.text.slice(readme.text.indexOf('## Exit codes'), readme.text.indexOf('## Guarantees'));
    const codes = Array.from(table.matchAll(/^\| ([\d, ]+) \|/gm), ([, code]) => code!);
    expect(codes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '129, 130, 143']);
  });
});

it('the form for bugs asks for version, command and log, and says when the log holds values', () => {
  const form = readRepositoryFile('.github/ISSUE_TEMPLATE/bug.yml');
  expect(form.match(/id: (\w+)/g)).toEqual(['id: version', 'id: command', 'id: expected', 'id: log']);
  for (const text of ['`import-tokens --version`', 'The whole command line', '`run.log`', '`--show-values`']) {
    expect(form).toContain(text);
  }
});

describe('the pages', () => {
  it('name every flag in the table of options', () => {
    const named = new Set(page('options.md').match(/--[a-z0-9-]+/g));
    expect(flags.length).toBeGreaterThan(30);
    expect(flags.filter((flag) => !named.has(flag))).toEqual([]);
  });

  it('name every reject code', () => {
    const codes = Object.keys(rejectReasons);
    expect(codes).toContain('ragged-row');
    expect(codes.filter((code) => !page('mapping.md').includes(`\`${code}\``))).toEqual([]);
  });

  it('name every event of the log, and every field of the summary', () => {
    const logging = ['src/report/watch/log-run.ts', 'src/report/watch/screen.ts', 'src/compose/run/watch-import.ts']
      .map(readRepositoryFile)
      .join('');
    const events = Array.from(logging.matchAll(/event: '([a-z-]+)'/g), ([, event]) => event!);
    const type = /RunSummary = \{([\s\S]*?)\n\};/.exec(readRepositoryFile('src/domain/run-summary.ts'))![1]!;
    const fields = Array.from(type.matchAll(/^ {2}readonly (\w+)/gm), ([, field]) => field!);
    expect([events.length > 10, fields.includes('advice')]).toEqual([true, true]);
    expect([...events, ...fields].filter((name) => !page('runs.md').includes(`\`${name}\``))).toEqual([]);
  });
});

/** Options of mysqldump, mydumper, mysql, aws, sha256sum, systemd-run, npm and docker. */
const foreign = [
  ...['--tab', '--single-transaction', '--where', '--no-data', '--no-tablespaces', '--load-data', '--csv'],
  ...['--batch', '--quick', '--raw', '--init-command', '--table', '--vertical', '--request-payer'],
  ...['--check', '--ignore-missing', '--unit', '--working-directory', '--property', '--global', '--rm'],
  ...['--arg', '--namespace', '--metric-name', '--value'],
];

/** The flags that a script passes to `parseArgs`. */
function optionsOf(path: string): string[] {
  const script = readRepositoryFile(path);
  return Array.from(script.matchAll(/^ {4,6}'?([a-z-]+)'?: \{ type: /gm), ([, name]) => `--${name}`);
}
