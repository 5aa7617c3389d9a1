import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { optionGroups } from '../src/options/option-table.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const readme = read('README.md');
const flags = optionGroups.flatMap(({ options }) => options.map((option) => /--[a-z-]+/.exec(option.flags)![0]));

describe('the README', () => {
  it('names every flag in its table of options', () => {
    const table = readme.slice(readme.indexOf('## Options'), readme.indexOf('## Guarantees'));
    const named = new Set(table.match(/--[a-z-]+/g));
    expect(flags.length).toBeGreaterThan(30);
    expect(flags.filter((flag) => !named.has(flag))).toEqual([]);
  });

  it('names no flag that neither the importer nor one of its scripts has', () => {
    const known = [
      ...flags,
      '--help',
      ...optionsOf('test/bench/bench.ts'),
      ...optionsOf('test/bench/sample.ts'),
      ...foreign,
    ];
    const named = new Set(readme.match(/(?<![\w-])--[a-z-]+[a-z]/g));
    expect([...named].filter((flag) => !known.includes(flag))).toEqual([]);
  });

  it('names every reject code', () => {
    const union = /RejectCode =([^;]+);/.exec(read('src/domain/row.ts'))![1]!;
    const codes = Array.from(union.matchAll(/'([a-z0-9-]+)'/g), ([, code]) => code!);
    expect(codes).toContain('ragged-row');
    expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });

  it('names every event of the log, and every field of the summary', () => {
    const logging = ['src/report/watch/log-run.ts', 'src/report/watch/screen.ts', 'src/compose/run/watch-import.ts']
      .map(read)
      .join('');
    const events = Array.from(logging.matchAll(/event: '([a-z-]+)'/g), ([, event]) => event!);
    const type = /RunSummary = \{([\s\S]*?)\n\};/.exec(read('src/domain/run-summary.ts'))![1]!;
    const fields = Array.from(type.matchAll(/^ {2}readonly (\w+)/gm), ([, field]) => field!);
    expect([events.length > 10, fields.includes('advice')]).toEqual([true, true]);
    expect([...events, ...fields].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = Array.from(readme.matchAll(/npm run (?:--silent )?([a-z:]+)/g), ([, name]) => name!);
    expect(named).toContain('demo');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** Of mysqldump, mydumper, mysql, sha256sum and systemd-run. */
const foreign = [
  ...['--tab', '--single-transaction', '--where', '--no-data', '--no-tablespaces', '--fields-escaped-by'],
  ...['--check', '--ignore-missing', '--unit', '--working-directory', '--property'],
  ...['--batch', '--quick', '--raw', '--init-command', '--default-character-set', '--load-data', '--csv'],
];

/** The flags that a script passes to `parseArgs`. */
function optionsOf(path: string): string[] {
  return Array.from(read(path).matchAll(/^ {4,6}'?([a-z-]+)'?: \{ type: /gm), ([, name]) => `--${name}`);
}
