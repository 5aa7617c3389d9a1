import { type Column, parseTemplate, separateType, templateColumns } from '../../domain/column.ts';
import { ImportError } from '../../domain/import-error.ts';
import { textSizeBytes } from '../../domain/item-size.ts';
import type { KeyAttribute, TableInfo } from '../../domain/table.ts';
import type { IfExists } from '../../domain/write-result.ts';
import { headerNames } from '../../input/columns/column-names.ts';
import { binaryFields, resolveColumns, type SourceType } from '../../input/columns/columns.ts';
import { declaredColumn } from '../../input/columns/declared-type.ts';
import { type DeleteRule, deleteRule } from '../../input/columns/row-rules.ts';
import { type Reading, writtenBy } from '../../input/detect/possible-readings.ts';
import type { Dialect } from '../../input/framed-rows.ts';
import { findColumn, isSameName, type TableDefinition } from '../../input/mysql/definition/table-definition.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { RowMapping } from '../../pipeline/row-steps.ts';

/** Columns with their types, the primary key among them, and what happens to existing items. */
export type MappedRows = Omit<RowMapping, 'encoder'> & {
  readonly key: readonly KeyAttribute[];
  /** `newer` names an attribute. */
  readonly ifExists: IfExists;
};

/** What the rows become in this table. Throws ImportError `usage`, `key-column-missing`. */
export function mapColumns(
  options: ImportOptions,
  dialect: Dialect,
  { names, nameBytes }: NamedColumns,
  header: readonly string[] | undefined,
  { primaryKey, sourceTypes }: DefinedTypes,
  table: TableInfo | undefined,
): MappedRows {
  const { types, rename, omit, set, ttlColumn, deleteWhere, empty, timeZone, zeroDates } = options;
  const defaultKey = primaryKey.length > 0 ? primaryKey : [names[0]!];
  // DynamoDB's keys have two attributes at most.
  const renamedKey = defaultKey.slice(0, 2).map((name) => rename[name] ?? name);
  const keyNames = table?.key.map(({ name }) => name) ?? options.key ?? renamedKey;
  const columns = resolveColumns(names, {
    types,
    rename,
    omit,
    ttlColumn,
    emptyIsNull: empty === 'null',
    templates: set.map(parseTemplate),
    deleteWhere,
    keyNames,
    sourceTypes,
    tableKey: table?.key ?? [],
    indexes: table === undefined ? [] : [...table.globalIndexes, ...table.localIndexes],
    namesTold:
      options.columns !== undefined || header === undefined || names.every((name) => Object.hasOwn(sourceTypes, name)),
  });
  const ifExists = resolveIfExists(options.ifExists, columns, keyNames);
  return {
    dialect,
    keyNames,
    ifExists,
    deletes: deletesOf(options, dialect, names, keyNames, ifExists),
    columns: nameBytes === undefined ? columns : columns.map((column) => withBytes(column, nameBytes)),
    ...(header !== undefined && { header }),
    key: keyNames.map((name) => ({ name, type: columnNamed(columns, name).key!.type })),
    fieldCount: names.length,
    binary: binaryFields(names, { ...sourceTypes, ...toldFields(dialect, types) }),
    options: { empty, timeZone, zeroDates },
    showValues: options.showValues,
    ...(table !== undefined && { globalIndexes: table.globalIndexes, localIndexes: table.localIndexes }),
  };
}

/** Throws ImportError `usage` for a test of NULL where nothing says how NULL is written. */
function deletesOf(
  { deleteWhere, null: nullText }: ImportOptions,
  dialect: Dialect,
  names: readonly string[],
  keyNames: readonly string[],
  ifExists: IfExists,
): DeleteRule | undefined {
  if (deleteWhere === undefined) return undefined;
  const { column, test } = deleteWhere;
  const isAboutNull = test === 'null' || test === 'not-null';
  if (isAboutNull && dialect.name === 'csv' && typeof nullText !== 'string') {
    throw new ImportError('usage', `--delete-where tests "${column}" for NULL, but CSV has no NULL of its own`, {
      hint: `Pass --null TEXT, which may be empty, or compare with text: --delete-where '${column}!='.`,
    });
  }
  const compared = ifExists.kind === 'newer' ? [ifExists.column] : [];
  return deleteRule(deleteWhere, names, [...keyNames, ...compared]);
}

/** `--if-exists` with the attribute in place of the column. Throws ImportError `usage` if it cannot be compared. */
function resolveIfExists(ifExists: IfExists, columns: readonly Column[], keyNames: readonly string[]): IfExists {
  if (ifExists.kind !== 'newer') return ifExists;
  const fromSource = columns.filter(({ template }) => template === undefined);
  const column = fromSource.find(({ sourceName }) => sourceName === ifExists.column);
  const refuse = (what: string, hint: string) =>
    new ImportError('usage', `--if-exists newer:${ifExists.column}: ${what}`, { hint });
  if (column === undefined) {
    const names = fromSource.map(({ sourceName }) => `"${sourceName}"`).join(', ');
    throw refuse('the source has no such column', `Name one of its columns: ${names}.`);
  }
  if (keyNames.includes(column.name)) {
    throw refuse(
      "it is part of the key, so it never differs from the item's",
      'Name the column that tells when a row was changed.',
    );
  }
  if (['BOOL', 'JSON', 'SS', 'NS', 'L'].includes(column.type)) {
    throw refuse(`a column of type ${column.type} has no order`, 'Name one of type N, EPOCH, S or B.');
  }
  if (column.emptyIsNull) {
    throw refuse('--empty null makes its empty text NULL, which has no order', 'Pass --empty keep or --empty omit.');
  }
  return { kind: 'newer', column: column.name };
}

function withBytes(column: Column, nameBytes: readonly number[]): Column {
  return column.template === undefined ? { ...column, nameBytes: nameBytes[column.fieldIndex]! } : column;
}

/** In MySQL's text and in SQL a column that is said to be B holds raw bytes, in CSV base64; HEX and BASE64 are text in either. */
function toldFields(dialect: Dialect, types: ImportOptions['types']): Record<string, SourceType> {
  if (dialect.name === 'csv') return {};
  const told = Object.entries(types).filter(([, type]) => type === 'B' || type === 'HEX' || type === 'BASE64');
  return Object.fromEntries(told.map(([name, type]) => [name, { ...separateType(type), binary: type === 'B' }]));
}

function columnNamed(columns: readonly Column[], name: string): Column {
  return columns.find((column) => column.name === name)!;
}

/** What the table definition says of keys and columns; empty if there is none. */
type DefinedTypes = {
  readonly primaryKey: readonly string[];
  readonly sourceTypes: Readonly<Record<string, SourceType>>;
};

/** `names`: those of the source, which differ from the definition in case alone or not at all. */
export function definedTypes(
  definition: TableDefinition | undefined,
  reading: Reading,
  names: readonly string[],
): DefinedTypes {
  if (definition === undefined) return { primaryKey: [], sourceTypes: {} };
  const inUtc = isInUtc(definition, reading);
  const named = names.flatMap((name) => {
    const column = findColumn(definition, name);
    return column === undefined ? [] : [{ ...column, name }];
  });
  // Expressions that a SELECT names are no columns of the table.
  const selected = reading.dialect === 'mysql' ? (reading.settings.columns ?? []) : [];
  const types = [...selected, ...named].map((column): [string, SourceType] => {
    const { name, type, binary } = column;
    const zone = inUtc && column.sqlType.startsWith('timestamp') ? { timeZone: 'UTC' } : {};
    const declared = declaredColumn(column, writtenBy(reading));
    return [name, { type, binary, ...zone, ...(declared !== undefined && { declared }) }];
  });
  const primaryKey = definition.primaryKey.map(
    (key) => names.find((name) => name === key) ?? names.find((name) => isSameName(name, key)) ?? key,
  );
  return { primaryKey, sourceTypes: Object.fromEntries(types) };
}

/** Whether TIMESTAMP columns are. `mysql --batch` writes them in its session's zone, which only the operator knows. */
function isInUtc({ timestampsInUtc }: TableDefinition, reading: Reading): boolean {
  if (reading.dialect === 'sql') return reading.settings.timeZone === '+00:00';
  return timestampsInUtc && reading.dialect === 'mysql' && !reading.settings.batch;
}

/** Behind what is said of the format. */
export function zoneNote({ types, timeZone }: ImportOptions, { sourceTypes }: DefinedTypes): string {
  const isFixed = Object.entries(types).some(([name, type]) => type === 'EPOCH' && sourceTypes[name]?.timeZone);
  return isFixed && timeZone !== 'UTC' ? '; TIMESTAMP columns are in UTC, as the .sql says' : '';
}

/** Names of the source's columns, as they may be shown and stored. */
export type NamedColumns = {
  readonly names: readonly string[];
  /** Bytes of each name in the source, where `names` only stand for them. */
  readonly nameBytes?: readonly number[];
  /** A clause for the operator. */
  readonly note?: string;
};

/**
 * The names that the first row gives. Nothing but a key shows that it is a header, and a row of data may hold a token:
 * where a rehearsal has neither a key nor a flag that names a column, `column 1` and so on stand for the names.
 * Throws ImportError `header-invalid`.
 */
export function nameColumns(
  header: readonly string[],
  options: ImportOptions,
  defined: { readonly hasKey: boolean; readonly names: readonly string[] },
): NamedColumns {
  const { names, note } = headerNames(header);
  if (isKnownHeader(names, options, defined)) return { names, ...(note !== undefined && { note }) };
  return {
    names: names.map((_, index) => `column ${index + 1}`),
    nameBytes: names.map(textSizeBytes),
    note: 'the first row is read as the header, and its names are shown once --header or --key confirms them',
  };
}

function isKnownHeader(
  names: readonly string[],
  { repository, header, key, types, rename, omit, set, ifExists, ttlColumn, deleteWhere }: ImportOptions,
  defined: { readonly hasKey: boolean; readonly names: readonly string[] },
): boolean {
  // Elsewhere a key is looked for among the names, and a repository of the caller's own is to get them.
  if (repository !== 'memory' || key !== undefined || defined.hasKey) return true;
  if (header === true || names.every((name) => defined.names.some((other) => isSameName(name, other)))) return true;
  const told = [...Object.keys(types), ...Object.keys(rename), ...omit, ...templateColumns(set.map(parseTemplate))];
  if (ifExists.kind === 'newer') told.push(ifExists.column);
  if (ttlColumn !== undefined) told.push(ttlColumn);
  if (deleteWhere !== undefined) told.push(deleteWhere.column);
  return told.some((name) => names.includes(name));
}
