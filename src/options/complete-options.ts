import type { Setting } from '../domain/amount.ts';
import { ImportError } from '../domain/import-error.ts';
import { findContradiction, shardRaise } from './contradictions.ts';
import {
  defaultSettleMs,
  defaults,
  flagGroupsOf,
  flagOf,
  type ImportOptions,
  type OptionName,
  optionNames,
  options,
} from './import-options.ts';
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

/** The options that are kept in the run directory, so that a resume needs not be told them again. */
export function storedOptions(chosen: ImportOptions): Record<string, unknown> {
  const kept = optionNames.filter((name) => options[name].scope !== 'process');
  const values = Object.fromEntries(kept.map((name) => [name, chosen[name]]));
  return { sources: chosen.sources, ...values, settleMs: chosenSettleMs(chosen) };
}

/** The options that shape the items and are not as by default. */
export function shapingOptions(chosen: ImportOptions): Record<string, unknown> {
  const isDefault = (name: OptionName) => JSON.stringify(chosen[name]) === JSON.stringify(defaults[name]);
  const names = optionNames.filter((name) => options[name].scope === 'items' && name !== 'to' && !isDefault(name));
  return Object.fromEntries(names.map((name) => [name, chosen[name]]));
}

/** Undefined where it follows from the request time-out, so that it follows from that of a resume too. */
export function chosenSettleMs({ settleMs, requestTimeoutMs }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof settleMs !== 'number' || typeof requestTimeoutMs !== 'number') return undefined;
  return settleMs === defaultSettleMs(requestTimeoutMs) ? undefined : settleMs;
}

/** How late a request of the process that stored these options may still take effect. */
export function storedSettleMs(stored: Readonly<Record<string, unknown>>): number {
  const { requestTimeoutMs = defaults.requestTimeoutMs } = stored as Partial<ImportOptions>;
  return chosenSettleMs(stored) ?? defaultSettleMs(requestTimeoutMs);
}

/**
 * The options of a resumed run: those given now, else those stored. Throws ImportError `resume-mismatch` where an option
 * that shapes items has another value than before.
 */
export function resumeOptions(stored: Readonly<Record<string, unknown>>, now: ImportOptions): ImportOptions {
  const merged: Record<string, unknown> = { ...now };
  for (const [name, value] of Object.entries(stored)) {
    if (name === 'sources' ? now.sources.length === 0 : !now.given.includes(name as OptionName)) merged[name] = value;
  }
  for (const name of optionNames.filter((each) => options[each].scope === 'items' && now.given.includes(each))) {
    refuseChange(name, stored[name], now[name]);
  }
  // The shard may be stored, and the raise given now.
  const raise = shardRaise(merged as ImportOptions);
  if (raise !== undefined) throw raise;
  if (!now.given.includes('settleMs')) {
    merged['settleMs'] = chosenSettleMs(stored) ?? defaultSettleMs((merged as ImportOptions).requestTimeoutMs);
  }
  return withSettings(merged as ImportOptions, chosenBefore(stored));
}

/** The options that the run was started with, unless they are defaults. */
function chosenBefore(stored: Readonly<Record<string, unknown>>): OptionName[] {
  return optionNames.filter(
    (name) => name !== 'settleMs' && name in stored && JSON.stringify(stored[name]) !== JSON.stringify(defaults[name]),
  );
}

function refuseChange(name: OptionName, before: unknown, after: unknown): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const flag = flagOf(name);
  throw new ImportError('resume-mismatch', `${flag} is not what this run was started with, and it shapes the items`, {
    hint: `Leave ${flag} out to go on as before. To change it, start a new run without --resume: it writes every row again.`,
  });
}
