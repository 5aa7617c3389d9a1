import type { Reading } from '../detect/possible-readings.ts';
import type { ReadingFlags } from '../reading-flags.ts';
import type { TableColumn } from './definition/table-column.ts';
import type { TableDefinition } from './definition/table-definition.ts';
import { columnsNamed } from './mysql-reading.ts';
import { mysqlDefaults } from './mysql-settings.ts';

/** How the rows of a live table are read. Nothing has to be guessed, because the adapter writes them itself. */
export function liveReading(
  definition: TableDefinition,
  names: readonly string[],
  { types = {}, omit = [] }: ReadingFlags,
): Extract<Reading, { dialect: 'mysql' }> {
  const columns = columnsNamed(definition, names)!;
  const { maxRowBytes: _, ...defaults } = mysqlDefaults;
  return {
    dialect: 'mysql',
    layout: { names, columns },
    reason: `rows of the live table "${definition.name}", ${names.length} columns`,
    settings: {
      ...{ ...defaults, bits: 'escaped', converted: true, omitted: omit },
      columns: columns.map((column) => asSent(column, types)),
    },
  };
}

/** Text comes in UTF-8, BIT in bytes, and the word NULL is always text. */
function asSent({ characterSet: _, ...column }: TableColumn, types: NonNullable<ReadingFlags['types']>): TableColumn {
  const isBytes = column.bits !== undefined && Object.hasOwn(types, column.name) && types[column.name] === 'B';
  return { ...column, nullable: false, ...(isBytes && { type: 'B', binary: true }) };
}
