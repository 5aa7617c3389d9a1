import { expect, test } from 'vitest';
import { commandWith } from '../../src/compose/shell-command.ts';

test('a suggested command has the new flags in place of its own that say how the source is read', () => {
  const argv = ['my dump.txt', '--format', 'csv', '--delimiter=;', '--no-header', '--schema', 'a.sql'];
  const others = ['--fields-terminated-by', ',', '--lines-starting-by=>', '--null', 'NULL', '--wps', '20'];
  expect(commandWith([...argv, ...others], ['--format', 'mysql'])).toBe(
    "import-tokens 'my dump.txt' --schema a.sql --null NULL --wps 20 --format mysql",
  );
});
