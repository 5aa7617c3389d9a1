import { ImportError } from '../../domain/import-error.ts';
import type { TableColumn, TableDefinition } from '../mysql/table-definition.ts';

/** What fields a row may have. */
export type Layout = {
  readonly names: readonly string[];
  /** Undefined where no table definition tells of these names. */
  readonly columns: readonly TableColumn[] | undefined;
};

/**
 * The fields that rows of a dump can have, likeliest first; empty where nothing is known. `SELECT *` leaves out invisible
 * columns; some versions of mysqldump list the columns themselves, with the invisible and without generated ones.
 */
export function possibleLayouts(
  definition: TableDefinition | undefined,
  names: readonly string[] | undefined,
): readonly Layout[] {
  if (names !== undefined) return [{ names, columns: columnsNamed(definition, names) }];
  if (definition === undefined) return [];
  const all = definition.columns;
  const choices = [
    all.filter((column) => !column.invisible),
    all,
    all.filter((column) => !column.generated),
    all.filter((column) => !column.generated && !column.invisible),
  ];
  const different = new Map(choices.map((columns) => [JSON.stringify(columns.map(({ name }) => name)), columns]));
  return [...different.values()].map((columns) => ({ names: columns.map(({ name }) => name), columns }));
}

/** The definition's columns of these names in their order; undefined where it lacks one of them. */
function columnsNamed(
  definition: TableDefinition | undefined,
  names: readonly string[],
): readonly TableColumn[] | undefined {
  const columns = names.map((name) => definition?.columns.find((column) => column.name === name));
  const known = columns.filter((column) => column !== undefined);
  return known.length === names.length ? known : undefined;
}

/**
 * The columns of a SELECT by the names that the client puts above them, expressions among them (`flags+0`). Undefined
 * where not most of them are the table's: such a line is a row.
 */
export function selectedColumns(
  definition: TableDefinition | undefined,
  names: readonly string[],
): readonly TableColumn[] | undefined {
  const columns = names.map((name) => definition?.columns.find((column) => column.name === name));
  if (columns.filter((column) => column !== undefined).length <= names.length / 2) return undefined;
  return columns.map((column, i) => column ?? expressionColumn(definition, names[i]!));
}

function expressionColumn(definition: TableDefinition | undefined, name: string): TableColumn {
  const bit = /^`?(.+?)`?\s{0,9}\+\s{0,9}0$/.exec(name)?.[1];
  const isNumber = definition?.columns.some((column) => column.name === bit && column.bits !== undefined);
  return { name, sqlType: '', type: isNumber ? 'N' : 'S', binary: false, nullable: true };
}

/** Where the table has generated and invisible columns, two layouts can have as many fields. */
export function refuseTwins(layouts: readonly Layout[], chosen: Layout): void {
  const own = chosen.names.join();
  const twin = layouts.find(({ names }) => names.length === chosen.names.length && names.join() !== own);
  if (twin === undefined) return;
  throw new ImportError(
    'usage',
    `rows have ${chosen.names.length} fields, and the table has two sets of so many columns`,
    {
      hint: `Name them with --columns ${chosen.names.join(',')} or --columns ${twin.names.join(',')}.`,
    },
  );
}
