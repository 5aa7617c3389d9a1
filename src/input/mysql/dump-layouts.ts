import { ImportError } from '../../domain/import-error.ts';
import type { TableColumn, TableDefinition } from './definition/table-definition.ts';

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

/** The columns of these names in their order, expressions among them (`flags+0`); undefined without a table definition. */
export function columnsNamed(
  definition: TableDefinition | undefined,
  names: readonly string[],
): readonly TableColumn[] | undefined {
  if (definition === undefined) return undefined;
  return names.map(
    (name) => definition.columns.find((column) => column.name === name) ?? expressionColumn(definition, name),
  );
}

function expressionColumn(definition: TableDefinition, name: string): TableColumn {
  const bit = /^`?(.+?)`?\s{0,9}\+\s{0,9}0$/.exec(name)?.[1];
  const isNumber = definition.columns.some((column) => column.name === bit && column.bits !== undefined);
  return { name, sqlType: '', type: isNumber ? 'N' : 'S', binary: false, nullable: true };
}

/** Throws ImportError `usage` where another layout has as many fields as the one chosen. */
export function refuseTwins(layouts: readonly Layout[], chosen: Layout): void {
  const own = chosen.names.join();
  const twin = layouts.find(({ names }) => names.length === chosen.names.length && names.join() !== own);
  if (twin === undefined) return;
  throw new ImportError(
    'usage',
    `rows have ${chosen.names.length} fields, and the table has two sets of ${chosen.names.length} columns`,
    { hint: `Pass --columns ${chosen.names.join(',')} or --columns ${twin.names.join(',')}.` },
  );
}
