import { ImportError } from '../../domain/import-error.ts';
import type { SourceMeasure } from '../../domain/source-measure.ts';
import { knownValue, type TableAttachments } from '../../domain/table.ts';
import { type RowBlock, RowReader } from '../../input/row-reader.ts';
import { RunningHash } from '../../input/source-hash.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { ImportPreview } from '../../report/plan/preflight-text.ts';
import { notChecked, sideEffects } from '../../report/plan/side-effects.ts';
import type { Target } from '../open-target.ts';
import type { MappedRows } from '../source/map-columns.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import { estimateImport } from './estimate-import.ts';
import { openMeter } from './open-meter.ts';

type PreviewSetup = {
  readonly options: ImportOptions;
  readonly rows: OpenedRows;
  readonly mapped: MappedRows;
  readonly target: Target;
  readonly attachments: TableAttachments;
  /** Rows that an earlier process of the run has done. */
  readonly rowsDone: number;
  readonly signal: AbortSignal;
};

/** A plan in short, from the first rows, which have been read anyway. */
export async function previewImport(setup: PreviewSetup): Promise<ImportPreview> {
  const { options, target, attachments } = setup;
  const { concurrency } = options;
  const { table, raise } = target;
  const sample = await measureSample(setup);
  const checks = options.repository === 'memory' || options.repository === 'own' ? [] : notChecked(attachments);
  if (sample === undefined || sample.rows.importable === 0) {
    const effects = sideEffects(table, attachments, { columns: [] }, undefined);
    const { rows: counts, rejectsByCode: sampleRejects = {} } = sample ?? {};
    const sampleRows = counts?.read ?? 0;
    return { sampleRows, sampleRejects, concurrency, keySpreads: [], sideEffects: effects, notChecked: checks };
  }
  const rows = rowsToImport(setup, sample);
  const estimate =
    rows &&
    estimateImport(scaled(sample, rows.count), { ...setup, ...target, attachments, present: raise?.found ?? table });
  return {
    sampleRows: sample.rows.read,
    sampleRejects: sample.rejectsByCode,
    ...(rows !== undefined && { rows }),
    ...(estimate !== undefined && { estimate }),
    concurrency,
    keySpreads: sample.keySpreads,
    sideEffects: sideEffects(table, attachments, sample, rows?.count, sample.rows.read),
    notChecked: checks,
  };
}

/** Undefined where the sample holds no row that can be looked at: the import itself will tell why. */
async function measureSample(setup: PreviewSetup): Promise<SourceMeasure | undefined> {
  const { options, rows, mapped, target, attachments, signal } = setup;
  const ttlAttribute = knownValue(attachments.ttlAttribute);
  const sampled = { ...options, skipRows: 0, maxRows: undefined, showValues: false };
  const meter = await openMeter(sampled, {
    rows: { ...rows, blocks: sampleBlocks(rows) },
    mapped,
    target,
    ttlAttribute,
    signal,
  });
  try {
    return await meter.measure();
  } catch (error) {
    if (error instanceof ImportError) return undefined;
    throw error;
  }
}

/** Whole rows only: the last one of a sample that is not the whole file is cut. */
async function* sampleBlocks({ source, dialect, sample }: OpenedRows): AsyncGenerator<RowBlock> {
  const read = async function* () {
    yield sample.bytes;
  };
  const reader = new RowReader({ files: [{ ...source.files[0]!, read }] }, dialect, new RunningHash());
  for await (const block of reader.blocks()) {
    yield block;
    if (!sample.isWhole) return;
  }
}

/** Counted where the sample is all there is, else judged by the size of the files. */
function rowsToImport(
  { options, rows, rowsDone }: PreviewSetup,
  { rows: { read } }: SourceMeasure,
): ImportPreview['rows'] {
  const { files } = rows.source;
  const { isWhole, storedBytes } = rows.sample;
  const isExact = isWhole && files.length === 1;
  const sizes = files.map((file) => file.storedBytes);
  if (!isExact && (sizes.includes(undefined) || storedBytes === 0)) return undefined;
  const stored = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const total = isExact ? read : Math.round((stored / storedBytes) * read);
  const { skipRows, maxRows = Number.POSITIVE_INFINITY } = options;
  return { count: Math.max(0, Math.min(total - skipRows, maxRows) - Math.max(0, rowsDone - skipRows)), isExact };
}

function scaled({ rows, writeUnits, indexUnits, bodyBytes }: SourceMeasure, count: number) {
  const scale = count / rows.read;
  const times = (value: number) => Math.round(value * scale);
  return {
    ...{ rows: times(rows.importable), writeUnits: times(writeUnits), bodyBytes: times(bodyBytes) },
    indexUnits: indexUnits.map(times),
  };
}
