import { costOf, type ImportCost, type PricedPart } from '../../domain/import-estimate.ts';
import { formatCount } from '../format.ts';
import { type Html, html } from './html.ts';
import { type ReportData, sumsOf } from './report-data.ts';
import type { RunHistory } from './run-history.ts';

/** What the import cost, by what it consumed. Nothing where it cost nothing, or the table is not known. */
export function costSection(data: ReportData): Html | undefined {
  const { history } = data;
  const table = history?.facts.tableInfo;
  if (history === undefined || table === undefined) return undefined;
  const cost = costOfRun(history, data);
  const copies = cost.regions === 1 ? '' : `, in ${cost.regions} regions`;
  const sentence =
    table.billing === 'on-demand'
      ? `It cost ${cost.onDemand.totalUsd < leastUsd ? '' : 'about '}${usd(cost.onDemand.totalUsd)}${copies}.`
      : provisionedText(cost, copies);
  return html`<section><h2>What it cost</h2><p>${sentence} <small>By ${cost.prices.source}; your contract may say otherwise.</small></p></section>`;
}

function provisionedText({ provisioned, onDemand }: ImportCost, copies: string): string {
  if (provisioned === null) return '';
  const hours = provisioned.hours === 1 ? 'an hour' : `${formatCount(provisioned.hours)} hours`;
  return `What is provisioned costs ${usd(provisioned.totalUsd)} for ${hours}${copies}, whether it is used or not; on demand the same writes would have cost ${usd(onDemand.totalUsd)}.`;
}

function costOfRun(history: RunHistory, data: ReportData): ImportCost {
  const table = history.facts.tableInfo!;
  const sums = sumsOf(data);
  const part = (writeUnits: number, provisioned: number | undefined, index?: string): PricedPart => ({
    ...(index !== undefined && { index }),
    writeUnits,
    neededUnitsPerSecond: provisioned ?? 0,
    presentUnitsPerSecond: provisioned ?? 0,
  });
  return costOf({
    parts: [
      part(sums.writeUnits, table.provisionedWriteUnits),
      ...table.globalIndexes.map((index, i) => part(sums.indexUnits[i] ?? 0, index.provisionedWriteUnits, index.name)),
    ],
    seconds: sums.ranSeconds,
    replicas: table.replicaRegions?.length ?? 0,
    prices: history.prices,
  });
}

const leastUsd = 0.01;

function usd(amount: number): string {
  return amount < leastUsd ? 'less than a cent' : `$${amount.toFixed(2)}`;
}
