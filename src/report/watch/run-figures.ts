import type { StoredBytes } from '../../domain/import-figures.ts';
import type { Bottleneck } from '../../domain/run-summary.ts';
import { formatCount, formatDuration } from '../format.ts';
import type { RunCounted } from './run-stats.ts';

/** How a run stands at a moment, for the eye, the log and other sessions. */
export type RunFigures = StoredBytes &
  Pick<RunCounted, 'requests' | 'rejected' | 'rowsWritten' | 'pausedFor'> & {
    /** In ms since 1970. */
    readonly atMs: number;
    readonly elapsedSeconds: number;
    /** Since the start of the import, over resumes. */
    readonly rowsRead: number;
    readonly rowsDone: number;
    /** Share of the source, or of `--max-rows`, that is done, 0 to 1. */
    readonly fraction: number | undefined;
    readonly etaSeconds: number | undefined;
    readonly credentialsExpireMs: number | undefined;
    /** Write units a second that are granted now; null: no limit. */
    readonly rateLimit: number | null;
    readonly writeUnits: number;
    /** Over the last seconds; undefined until that can be said. */
    readonly writeUnitsPerSecond: number | undefined;
    readonly bytesPerSecond: number;
    readonly inFlight: number;
    readonly concurrency: number;
    /** Of the batches accepted in the last seconds. */
    readonly latencyMs: { readonly p50: number; readonly p99: number };
    readonly connectionsOpened: number;
    readonly bytesSent: number;
    readonly bottleneck: Bottleneck;
    readonly advice: string;
  };

/** One line: `1,234,567 rows   62 %   19,987/s of 20,000 write units   ETA 3 min 5 s   12 throttled   3 rejected`. */
export function figuresText(figures: RunFigures): string {
  const { writeUnitsPerSecond: rate, rateLimit, requests, rejected, etaSeconds, fraction, pausedFor } = figures;
  const limit = rateLimit === null ? '' : ` of ${formatCount(rateLimit)}`;
  return [
    `${formatCount(figures.rowsDone)} rows`,
    fraction === undefined ? undefined : `${Math.floor(fraction * 100)} %`,
    rate === undefined ? undefined : `${formatCount(rate)}/s${limit} write units`,
    pausedFor === undefined ? etaText(etaSeconds) : `paused: ${pausedFor}`,
    requests.throttled === 0 ? undefined : `${formatCount(requests.throttled)} throttled`,
    rejected === 0 ? undefined : `${formatCount(rejected)} rejected`,
    figures.bottleneck === 'limit' || figures.advice === '' ? undefined : `held back by ${figures.advice}`,
  ]
    .filter((part) => part !== undefined)
    .join('   ');
}

function etaText(etaSeconds: number | undefined): string | undefined {
  if (etaSeconds === undefined || etaSeconds === 0) return undefined;
  return `ETA ${formatDuration(Math.max(1, Math.round(etaSeconds)))}`;
}
