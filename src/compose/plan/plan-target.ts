import { ImportError, type ImportErrorCode } from '../../domain/import-error.ts';
import { type TableAttachments, type TableInfo, uncheckedAttachments } from '../../domain/table.ts';
import type { ChosenRates } from '../../limit/choose-rate.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { openTarget } from '../open-target.ts';
import type { PlanSurroundings } from '../surroundings.ts';

/** What a plan knows of the table. */
export type PlanTarget = {
  readonly table: TableInfo | undefined;
  /** The table as it is now, where `--raise-wcu` would make it another. */
  readonly present: TableInfo | undefined;
  readonly tableIsMissing: boolean;
  readonly rate: ChosenRates;
  readonly region: string | undefined;
  readonly attachments: TableAttachments;
};

/** A plan can do without the table where something else names the key. */
const dispensable: ReadonlySet<ImportErrorCode> = new Set([
  ...(['table-missing', 'access-denied', 'endpoint-unreachable', 'service-refused'] as const),
  ...(['credentials-missing', 'credentials-expired', 'region-missing'] as const),
]);

/** Looks at the table, and warns where it can't. Throws ImportError where the plan has no key without it. */
export async function lookAtTable(
  options: ImportOptions,
  world: PlanSurroundings,
  keyIsDefined: boolean,
): Promise<PlanTarget> {
  try {
    const target = await openTarget(options, world);
    try {
      const { table, rate, region } = target;
      return {
        table,
        present: target.raise?.found ?? table,
        tableIsMissing: false,
        rate,
        region,
        attachments: await target.attachments(),
      };
    } finally {
      await target.close();
    }
  } catch (error) {
    if (!(error instanceof ImportError) || !dispensable.has(error.code)) throw error;
    if (options.key === undefined && !keyIsDefined) throw withKeyAsRemedy(error);
    world.warn(`planned without the table: ${error.message}`);
    return withoutTable(options, error.code === 'table-missing');
  }
}

function withoutTable({ wps, region }: ImportOptions, tableIsMissing: boolean): PlanTarget {
  const rate =
    wps?.kind === 'units'
      ? { writeUnitsPerSecond: wps.value, chosen: '--wps; the table was not looked at', indexes: [] }
      : { writeUnitsPerSecond: undefined, chosen: 'not known, as the table was not looked at', indexes: [] };
  const attachments = uncheckedAttachments(tableIsMissing ? 'needs the table' : 'needs a look at the table');
  return { table: undefined, present: undefined, tableIsMissing, rate, region, attachments };
}

function withKeyAsRemedy({ code, message, hint, cause }: ImportError): ImportError {
  const remedy = 'plan without the table by naming its key: --key NAME';
  return new ImportError(code, message, { hint: hint === undefined ? remedy : `${hint}; or ${remedy}`, cause });
}
