import { constant, flag, type OptionGroup, onlyFor } from './option-row.ts';
import { parseCount } from './parse/parse-count.ts';
import { parseIndexUnits } from './parse/parse-index-units.ts';

/** Of `--raise-wcu`, and of the command that sets the capacity by itself. */
export const capacityOptions: OptionGroup = {
  heading: 'Capacity:',
  options: [
    ...onlyFor(
      ['import', 'plan'],
      flag(
        'raiseWcu',
        '--raise-wcu <n>',
        'raise the write units of the table and each index to this for the import, and put them back at its end',
        parseCount(1),
      ),
      constant(
        'keepRaised',
        '--keep-raised',
        'on a stop leave them raised for --resume; only the end of the source puts them back',
        true,
      ),
    ),
    ...onlyFor(
      ['capacity'],
      flag('wcu', '--wcu <n>', 'write units a second that the table and each index get', parseCount(1)),
      flag(
        'indexWcu',
        '--index-wcu <index=n,...>',
        'write units of indexes that get others than the table',
        parseIndexUnits,
      ),
    ),
    ...onlyFor(
      ['import', 'plan', 'capacity'],
      constant(
        'suspendAutoscaling',
        '--suspend-autoscaling',
        'suspend auto scaling, which would undo the raise; after an import it goes on',
        true,
      ),
    ),
  ],
};
