import type { ImportCost, Traffic } from '../../domain/import-estimate.ts';
import { formatBytes, formatCount, formatDuration, formatNoun, labelled, printable, wrappedText } from '../format.ts';

/** A bound on write units a second, and what would move it. */
export type Limit = {
  /** `the table`, `index by-user`, `the account`. */
  readonly of: string;
  readonly kind: 'provisioned' | 'maximum' | 'warm' | 'cold' | 'table-quota' | 'account-quota' | 'partition';
  readonly unitsPerSecond: number;
  /** Whether it is below what the import asks for. */
  readonly holdsBack: boolean;
  /** That raises it to what is asked for; where it is not, nothing need be changed. */
  readonly command?: string;
};

/** A pace that the table does not allow as it is. */
export type FasterPace = {
  readonly unitsPerSecond: number;
  readonly seconds: number;
  /** The flag of the import that brings it about and puts back what it changed; absent where none would do. */
  readonly flag?: string;
  /** One command for all that has to be changed for it; absent where none would do. */
  readonly command?: string;
};

/** The time and cost of an import. */
export type ImportEstimate = {
  /** At these shares of the rate; empty where there is none. */
  readonly times: readonly { readonly percent: number; readonly seconds: number }[];
  /** Of a table on demand that is not warm for the rate: the whole time with the ramp, and what it takes at first. */
  readonly ramp?: { readonly seconds: number; readonly startUnitsPerSecond: number };
  /** What needs longest at its rate: `the table`, `index by-user`. */
  readonly heldBackBy: string | null;
  readonly traffic: Traffic | null;
  /** Up to this latency the batches in flight hold the pace. */
  readonly latencyToHoldMs: number | null;
  readonly limits: readonly Limit[];
  readonly faster?: FasterPace;
  readonly cost: ImportCost;
};

/** How long, how much over the wire, how much money. `about`: judged by the first rows. */
export function estimateLines(
  estimate: ImportEstimate,
  concurrency: number,
  columns: number,
  about = '',
): readonly string[] {
  const { times, ramp, heldBackBy, faster, traffic, latencyToHoldMs, cost } = estimate;
  return [
    times.length === 0 ? undefined : wrappedText('time', about + timesText(times, heldBackBy), columns),
    ramp && wrappedText('with ramp', about + rampText(ramp), columns),
    ...(faster === undefined ? [] : fasterLines(faster, columns)),
    traffic === null
      ? undefined
      : wrappedText('traffic', about + trafficText(traffic, concurrency, latencyToHoldMs), columns),
    wrappedText('cost', about + costText(cost), columns),
  ].filter((line) => line !== undefined);
}

/** Every limit in a line, and below it the command that moves it where it holds the import back. */
export function limitLines(limits: readonly Limit[]): readonly string[] {
  const widest = Math.max(...limits.map(({ unitsPerSecond }) => formatCount(unitsPerSecond).length));
  return limits.flatMap((limit) => [
    `  ${formatCount(limit.unitsPerSecond).padStart(widest)}  ${limitText(limit)}`,
    // Not wrapped: it is there to be copied.
    ...(limit.command === undefined ? [] : [`${' '.repeat(widest + 4)}${printable(limit.command)}`]),
  ]);
}

/** The limits below what is asked for, but for what is provisioned, which is told with the rate. */
export function limitsToWarnOf(estimate: ImportEstimate | undefined): readonly Limit[] {
  return (estimate?.limits ?? []).filter(({ holdsBack, kind }) => holdsBack && kind !== 'provisioned');
}

/** `the table: provisioned, below what is asked for`. */
export function limitText({ of, kind, holdsBack }: Limit): string {
  return `${printable(of)}: ${limitTexts[kind]}${holdsBack ? ', below what is asked for' : ''}`;
}

const limitTexts: Readonly<Record<Limit['kind'], string>> = {
  provisioned: 'provisioned',
  maximum: 'the maximum that was set for on demand',
  warm: 'warm throughput, which it takes at once; it grows under load; raising it costs once, and it never falls',
  cold: 'what a new table on demand takes at once; it grows under load',
  'table-quota': 'quota',
  'account-quota': 'quota of all that is provisioned in the region',
  partition: 'what its partition takes',
};

function timesText(times: ImportEstimate['times'], heldBackBy: string | null): string {
  const texts = times.map(({ percent, seconds }, i) =>
    i === 0 ? `${formatDuration(seconds)} at the full rate` : `${formatDuration(seconds)} at ${percent} %`,
  );
  const index = heldBackBy === null || heldBackBy === 'the table' ? '' : `; ${printable(heldBackBy)} holds it back`;
  return texts.join(', ') + index;
}

function rampText({ seconds, startUnitsPerSecond }: NonNullable<ImportEstimate['ramp']>): string {
  const start = formatCount(startUnitsPerSecond);
  return `${formatDuration(seconds)} if the table takes ${start} write units a second at first and doubles within 30 minutes; import-tokens capacity warm avoids it`;
}

function fasterLines({ unitsPerSecond, seconds, flag, command }: FasterPace, columns: number): readonly string[] {
  const pace = `${formatCount(unitsPerSecond)} write units a second would take ${formatDuration(seconds)}`;
  const raise = flag === undefined ? '' : `, with ${flag}, which puts the capacity back at the end`;
  const change = command === undefined ? '' : `${flag === undefined ? ', with' : ', or'}`;
  return [
    wrappedText('faster', `${pace}${raise}${change}`, columns),
    // Not wrapped: it is there to be copied.
    ...(command === undefined ? [] : [labelled('', printable(command))]),
  ];
}

function trafficText(
  { megabitsPerSecond, requests, requestsPerSecond, bytes }: Traffic,
  concurrency: number,
  latencyToHoldMs: number | null,
): string {
  const latency =
    latencyToHoldMs === null
      ? ''
      : `; --concurrency ${concurrency} holds it while a batch takes less than ${formatDuration(latencyToHoldMs / 1000)}`;
  return `${megabits(megabitsPerSecond)} Mb/s, ${megabits(requestsPerSecond)} requests a second; ${formatNoun(requests, 'request')}, ${formatBytes(bytes)} in all${latency}`;
}

function megabits(value: number): string {
  return value < 9.95 ? value.toFixed(1) : formatCount(value);
}

function costText({ prices, regions, onDemand, provisioned }: ImportCost): string {
  const everywhere = regions === 1 ? '' : ` in ${regions} regions`;
  const demand = `${formatUsd(onDemand.totalUsd)} on demand${everywhere}${partsText(onDemand.parts)}`;
  const { source, usdPerMillionUnits, usdPerUnitHour } = prices;
  const priced = `${source}: $${usdPerMillionUnits} a million units, $${usdPerUnitHour} a unit and hour`;
  if (provisioned === null) return `${demand}; ${priced}`;
  const { hours, totalUsd, extraUsd, parts } = provisioned;
  const extra = extraUsd === totalUsd ? '' : extraText(extraUsd);
  const held = `${formatUsd(totalUsd)} provisioned for ${formatNoun(hours, 'hour')}${everywhere}${partsText(parts)}${extra}`;
  return `${demand}; ${held}; ${priced}`;
}

function extraText(extraUsd: number): string {
  return extraUsd === 0 ? ', which is so already' : `, ${formatUsd(extraUsd)} more than what is provisioned now`;
}

/** Only where there is more than the table. */
function partsText(parts: readonly { readonly index?: string; readonly usd: number }[]): string {
  if (parts.length < 2) return '';
  return ` (${parts.map((part) => `${part.index === undefined ? 'table' : printable(part.index)} ${formatUsd(part.usd)}`).join(', ')})`;
}

export function formatUsd(amount: number): string {
  return amount.toLocaleString('en-US', { style: 'currency', currency: 'USD' });
}
