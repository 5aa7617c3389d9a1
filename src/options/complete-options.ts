import type { ImportError } from '../domain/import-error.ts';
import type { Given, Options } from './contradictions.ts';
import { defaultSettleMs, defaults } from './defaults.ts';
import type { ImportOptions, OptionName } from './import-options.ts';
import { settingsOf } from './settings.ts';

/** What is given, and the defaults of all else. Throws ImportError `usage` where options contradict each other. */
export function completeOptions(
  sources: readonly string[],
  given: ReadonlyMap<OptionName, unknown>,
  findContradiction: (options: Options, given: Given) => ImportError | undefined,
): ImportOptions {
  const merged = { ...defaults, ...(Object.fromEntries(given) as Partial<ImportOptions>), sources };
  const options = {
    ...merged,
    settleMs: merged.settleMs ?? defaultSettleMs(merged.requestTimeoutMs),
  };
  const names = new Set(given.keys());
  const contradiction = findContradiction(options, names);
  if (contradiction !== undefined) throw contradiction;
  return { ...options, settings: settingsOf(options, names), given: [...names] };
}
