import { systemClock } from '../../adapters/system/system-clock.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { RowMapper } from '../../pipeline/map-row.ts';
import { SourceMeter } from '../../pipeline/plan/measure-source.ts';
import type { Target } from '../open-target.ts';
import type { MappedRows } from '../source/map-columns.ts';
import type { OpenedRows } from '../source/open-rows.ts';

type MeterSetup = {
  readonly rows: Pick<OpenedRows, 'blocks' | 'names'>;
  readonly mapped: MappedRows;
  readonly target: Pick<Target, 'rate'>;
  readonly ttlAttribute: string | undefined;
  readonly signal: AbortSignal;
};

/** Where no rate is set, keys are judged by what a table takes by default. */
const defaultTableUnitsPerSecond = 40_000;
/** More rows at hand than this say no more about their keys. */
const mostWindowRows = 100_000;

/** What measures the rows as an import with these options would map them. */
export async function openMeter(options: ImportOptions, setup: MeterSetup) {
  const { rows, mapped, target, ttlAttribute, signal } = setup;
  const { skipRows, maxRows, maxAhead, showValues } = options;
  const { compileItemText } = await import('../../adapters/dynamodb/item/item-text.ts');
  const { writeUnitsPerSecond = defaultTableUnitsPerSecond, indexes } = target.rate;
  return new SourceMeter({
    ...{ blocks: rows.blocks, skipRows, maxRows, signal },
    mapper: new RowMapper({ ...mapped, encoder: compileItemText(mapped.columns) }),
    mapping: mapped,
    sourceNames: rows.names,
    writeUnitsPerSecond,
    indexUnitsPerSecond: indexes.map((index) => index.writeUnitsPerSecond ?? writeUnitsPerSecond),
    windowRows: Math.min(maxAhead, mostWindowRows),
    ...{ showValues, ttlAttribute },
    nowSeconds: systemClock.wallMs() / 1000,
  });
}
