import { type Amount, amountText } from '../domain/amount.ts';
import type { IfExists } from '../domain/write-result.ts';
import type { Setting } from '../report/plan/preflight-text.ts';
import { defaults } from './defaults.ts';
import type { ImportOptions, OptionName } from './import-options.ts';
import { optionGroupsOf } from './options-of-command.ts';
import { characterText, separatorText } from './parse/parse-character.ts';
import { durationText } from './parse/parse-duration.ts';
import { ifExistsText } from './parse/parse-if-exists.ts';
import { sizeText } from './parse/parse-size.ts';

/** They say how to talk to the operator, not how to import. */
const unechoed: readonly OptionName[] = [
  'yes',
  'prices',
  'dryRun',
  'progress',
  'logLevel',
  'logFormat',
  'quiet',
  'showValues',
  'resume',
];
const memoryOnly: readonly OptionName[] = ['latencyMs', 'memoryWcu', 'retain'];
const verifyOnly: readonly OptionName[] = ['sample', 'seed', 'all', 'rcu', 'consistent'];
const characters: readonly OptionName[] = ['delimiter', 'quote', 'escape'];
const separators: readonly OptionName[] = [
  'fieldsTerminatedBy',
  'fieldsEnclosedBy',
  'fieldsOptionallyEnclosedBy',
  'fieldsEscapedBy',
  'linesTerminatedBy',
  'linesStartingBy',
];

/** The settings that shape the import, as flags, in the order of the help; what is off or chosen later is left out. */
export function settingsOf(
  options: Omit<ImportOptions, 'settings' | 'given'>,
  given: ReadonlySet<OptionName>,
): readonly Setting[] {
  return optionGroupsOf('import')
    .flatMap((group) => group.options)
    .filter(
      ({ name }) =>
        !unechoed.includes(name) &&
        (options.verify || !verifyOnly.includes(name)) &&
        (options.repository === 'memory' || !memoryOnly.includes(name)),
    )
    .flatMap(({ name, flags, read }): Setting[] => {
      const value = options[name];
      const origin = given.has(name) ? 'flag' : 'default';
      const flag = flags.split(' ')[0] as string;
      if (typeof read !== 'function') {
        return value === read.value && given.has(name) ? [{ flag, value: '', origin }] : [];
      }
      const text = settingText(name, value);
      return text === undefined ? [] : [{ flag, value: text, origin }];
    });
}

function settingText(name: OptionName, value: unknown): string | undefined {
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value === 'number') return numberText(name, value);
  if (separators.includes(name)) return separatorText(value as string);
  if (typeof value === 'string') return characters.includes(name) ? characterText(value) : value;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(',');
  if (name === 'wps' || name === 'reserve' || name === 'maxRejects') return amountText(value as Amount);
  if (name === 'ifExists') return ifExistsText(value as IfExists);
  const pairs = Object.entries(value as Record<string, string>);
  return pairs.length === 0 ? undefined : pairs.map((pair) => pair.join('=')).join(',');
}

/** The unit is in the option's name. */
function numberText(name: OptionName, value: number): string {
  if (name.endsWith('Ms')) return durationText(value);
  return name.endsWith('Bytes') ? sizeText(value) : String(value);
}

/** ` (default: 64)`, or nothing where there is no default or `about` tells it. */
export function defaultText(name: OptionName): string {
  const text = name === 'settleMs' || name === 'prices' ? undefined : settingText(name, defaults[name]);
  return text === undefined ? '' : ` (default: ${text})`;
}
