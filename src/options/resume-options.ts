import { ImportError } from '../domain/import-error.ts';
import { defaultSettleMs, defaults } from './defaults.ts';
import type { ImportOptions, OptionName } from './import-options.ts';
import { settingsOf } from './settings.ts';

/** They decide what becomes of a row; changed half-way, the table would hold two kinds of items. */
export const shapeItems: readonly OptionName[] = [
  'repository',
  'table',
  'key',
  'format',
  'delimiter',
  'quote',
  'escape',
  'fieldsTerminatedBy',
  'fieldsEnclosedBy',
  'fieldsOptionallyEnclosedBy',
  'fieldsEscapedBy',
  'linesTerminatedBy',
  'linesStartingBy',
  'defaultCharacterSet',
  'sourceTable',
  'null',
  'header',
  'columns',
  'schema',
  'types',
  'rename',
  'omit',
  'timeZone',
  'zeroDates',
  'empty',
  'ifExists',
  'skipRows',
  'retain',
];

/** They belong to one process, not to the run. */
const notKept: readonly OptionName[] = [
  'resume',
  'runDir',
  'yes',
  'dryRun',
  'json',
  'keepRaised',
  'prices',
  'progress',
  'logLevel',
  'logFormat',
  'quiet',
  'showValues',
];

/** What of the options is stored, so that the run can go on without being told again. */
export function storedOptions(options: ImportOptions): Record<string, unknown> {
  const { settings: _settings, given: _given, ...rest } = options;
  for (const name of notKept) delete (rest as Record<string, unknown>)[name];
  return { ...rest, settleMs: chosenSettleMs(options) };
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
 * The options of a resumed run: what is given now goes before what is stored. Throws ImportError `resume-mismatch`
 * where an option that shapes items is given another value.
 */
export function resumeOptions(stored: Readonly<Record<string, unknown>>, now: ImportOptions): ImportOptions {
  const merged: Record<string, unknown> = { ...now };
  for (const [name, value] of Object.entries(stored)) {
    const isGiven = name === 'sources' ? now.sources.length > 0 : now.given.includes(name as OptionName);
    if (!isGiven) merged[name] = value;
    else if (shapeItems.includes(name as OptionName)) refuseChange(name, value, now[name as OptionName]);
  }
  for (const name of shapeItems)
    if (!(name in stored) && now.given.includes(name)) refuseChange(name, undefined, now[name]);
  if (!now.given.includes('settleMs')) {
    merged['settleMs'] = chosenSettleMs(stored) ?? defaultSettleMs((merged as ImportOptions).requestTimeoutMs);
  }
  const options = merged as ImportOptions;
  return { ...options, settings: settingsOf(options, new Set([...now.given, ...chosenBefore(stored)])) };
}

/** What the run was begun with, where that is no default. */
function chosenBefore(stored: Readonly<Record<string, unknown>>): OptionName[] {
  const names = Object.keys(defaults) as (keyof typeof defaults)[];
  return names.filter((name) => name in stored && JSON.stringify(stored[name]) !== JSON.stringify(defaults[name]));
}

function refuseChange(name: string, before: unknown, after: unknown): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new ImportError('resume-mismatch', `${flag} is not what this run was started with, and it shapes the items`, {
    hint: `Leave ${flag} out to go on as before. To change it, start a new run without --resume: it writes every row again.`,
  });
}
