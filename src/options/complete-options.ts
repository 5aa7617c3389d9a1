import type { Setting } from '../domain/amount.ts';
import { findContradiction } from './contradictions.ts';
import { flagGroupsOf } from './flags.ts';
import { defaultSettleMs, defaults, type ImportOptions, type OptionName } from './import-options.ts';
import type { CommandName } from './option.ts';

/**
 * The options of a run: those that are given, and the defaults of the others. Throws ImportError `usage` where options
 * contradict each other.
 */
export function completeOptions(
  command: CommandName,
  sources: readonly string[],
  given: ReadonlyMap<OptionName, unknown>,
): ImportOptions {
  const merged = { ...defaults, ...Object.fromEntries(given), sources, settings: [], given: [...given.keys()] };
  const settleMs = merged.settleMs ?? defaultSettleMs(merged.requestTimeoutMs);
  const onStandardOutput = merged.summary === '-' && { summary: undefined, json: true };
  const options = withSettings({ ...merged, settleMs, ...onStandardOutput });
  const contradiction = findContradiction(command, options);
  if (contradiction !== undefined) throw contradiction;
  return options;
}

/** Options whose settings are as the operator would type them; `chosen` are given too, by an earlier process of the run. */
export function withSettings(options: ImportOptions, chosen: readonly OptionName[] = []): ImportOptions {
  return { ...options, settings: settingsOf(options, new Set([...options.given, ...chosen])) };
}

/** In the order of the help; what is off, chosen later or without a meaning for this run is left out. */
function settingsOf(options: ImportOptions, given: ReadonlySet<OptionName>): readonly Setting[] {
  const isUsed = {
    '--verify': options.verify,
    '--repository memory': options.repository === 'memory',
    '--delete-where': options.deleteWhere !== undefined,
  };
  return flagGroupsOf(options.to === undefined ? 'import' : 'convert')
    .flatMap(({ flags }) => flags)
    .filter(({ option }) => option.isEchoed && (option.onlyWith === undefined || isUsed[option.onlyWith]))
    .flatMap(({ name, long, takes }): Setting[] => {
      const value = options[name];
      const origin = given.has(name) ? 'flag' : 'default';
      if ('value' in takes) return value === takes.value && given.has(name) ? [{ flag: long, value: '', origin }] : [];
      const isSet = typeof value !== 'boolean' && value !== undefined && value !== null;
      const texts = isSet && (value !== 0 || given.has(name)) ? takes.syntax.format(value) : undefined;
      return [texts ?? []].flat().map((text) => ({ flag: long, value: text, origin }));
    });
}
