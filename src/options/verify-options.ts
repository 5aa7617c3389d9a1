import { constant, flag, type OptionGroup, onlyFor } from './option-row.ts';
import { parseCount } from './parse/parse-count.ts';

/** Of `import-tokens verify`, and of an import that ends with it. */
export const verifyOptions: OptionGroup = {
  heading: 'Verifying:',
  options: [
    ...onlyFor(
      ['import'],
      constant('verify', '--verify', 'compare the source with the table when every row is in', true),
    ),
    ...onlyFor(
      ['import', 'verify'],
      flag('sample', '--sample <n>', 'rows to compare, drawn evenly from the whole source', parseCount(1, 1_000_000)),
      flag('seed', '--seed <n>', 'draw the same sample again', parseCount(0, 2 ** 32 - 1)),
      constant('all', '--all', 'compare every row', true),
      flag(
        'rcu',
        '--rcu <n>',
        'read units a second (default: what the table has provisioned, less the reserve; else 1,000)',
        parseCount(1),
      ),
      constant('consistent', '--consistent', 'strongly consistent reads, at twice the read units', true),
    ),
  ],
};
