import {
  type AttributeTemplate,
  type Column,
  type ColumnType,
  type DeclaredColumn,
  type KeyRole,
  type KeyType,
  separateType,
  type TemplateField,
  type ToldType,
  templateColumns,
} from '../../domain/column.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { IndexShape, KeyAttribute } from '../../domain/table.ts';
import { closestName, quoted, quotedList, refuseUnknownNames } from './column-names.ts';

/** A column according to a table definition. `binary`: its fields arrive as bytes. */
export type SourceType = {
  readonly type: ColumnType;
  readonly binary: boolean;
  readonly timeZone?: string;
  readonly declared?: DeclaredColumn;
};

/**
 * How columns become attributes. `types`, `rename`, `omit`, `deleteWhere` and `templates` use the names of the source.
 */
export type ColumnSettings = {
  readonly types: Readonly<Record<string, ToldType>>;
  readonly rename: Readonly<Record<string, string>>;
  readonly omit: readonly string[];
  /** The column with the time of expiry, by its name in the source. */
  readonly ttlColumn?: string | undefined;
  /** Whether empty text becomes NULL, except in keys. */
  readonly emptyIsNull?: boolean;
  readonly templates?: readonly AttributeTemplate[];
  readonly deleteWhere?: { readonly column: string } | undefined;
  /** By column name, if there is a table definition. */
  readonly sourceTypes?: Readonly<Record<string, SourceType>>;
  /** The table's primary key, partition key first; empty if the table was not described. */
  readonly tableKey: readonly KeyAttribute[];
  readonly indexes: readonly Pick<IndexShape, 'name' | 'key' | 'partitionAttributes'>[];
  /** Attributes of the primary key from `--key`, used if `tableKey` is empty. */
  readonly keyNames?: readonly string[];
  /** Whether `--columns` or a table definition names the columns. Otherwise they may be a first row of data. */
  readonly namesTold?: boolean;
};

/**
 * The columns that become attributes, in source order, then the templates, with types and key roles. Throws ImportError
 * `usage` for settings that name an unknown column, or contradict each other or the table, and `key-column-missing` if a
 * key has no column.
 */
export function resolveColumns(sourceNames: readonly string[], settings: ColumnSettings): Column[] {
  const shownNames = mayBeShown(sourceNames, settings) ? sourceNames : undefined;
  refuseUnknownNames(sourceNames, settings, shownNames);
  const omitted = new Set(settings.omit);
  const columns: Column[] = [];
  const byName = new Map<string, Column>();
  for (const [fieldIndex, sourceName] of sourceNames.entries()) {
    if (omitted.has(sourceName)) continue;
    const name = own(settings.rename, sourceName) ?? sourceName;
    const other = byName.get(name);
    if (other !== undefined) throw sameAttribute(other.sourceName, sourceName, name);
    const { timeZone, declared } = own(settings.sourceTypes ?? {}, sourceName) ?? {};
    const isTold = own(settings.types, sourceName) !== undefined;
    const column = {
      sourceName,
      fieldIndex,
      name,
      ...typeAndKey(sourceName, name, settings),
      ...(settings.emptyIsNull === true && keyRolesOf(name, settings).length === 0 && { emptyIsNull: true as const }),
      ...(timeZone !== undefined && { timeZone }),
      ...(declared !== undefined && !isTold && { declared }),
    };
    columns.push(column);
    byName.set(name, column);
  }
  for (const template of settings.templates ?? []) {
    const other = byName.get(template.name);
    if (other !== undefined) throw givenByColumn(template.name, other.sourceName);
    const column = templateColumn(template, sourceNames, settings);
    columns.push(column);
    byName.set(template.name, column);
  }
  for (const { name, label } of primaryKeyOf(settings)) {
    if (!byName.has(name)) throw keyColumnMissing(name, label, shownNames, settings);
  }
  // Such a key would also leave it open whether the first row is a header or holds secrets.
  const keys = primaryKeyOf(settings).map(({ name }) => byName.get(name)?.template);
  if (keys.length > 0 && keys.every((parts) => parts?.every((part) => typeof part === 'string'))) {
    throw new ImportError('usage', '--set gives every row the same key', { hint: 'Put a {column} into the key.' });
  }
  return columns;
}

/** By field: true if its bytes must reach the mapper unchanged. */
export function binaryFields(
  sourceNames: readonly string[],
  sourceTypes: ColumnSettings['sourceTypes'] = {},
): readonly boolean[] {
  return sourceNames.map((name) => own(sourceTypes, name)?.binary === true);
}

function typeAndKey(
  sourceName: string,
  name: string,
  settings: ColumnSettings,
): Pick<Column, 'type' | 'separator' | 'key'> {
  const told = own(settings.types, sourceName);
  const roles = keyRolesOf(name, settings);
  const [first] = roles;
  if (first === undefined) {
    return told === undefined ? { type: own(settings.sourceTypes ?? {}, sourceName)?.type ?? 'S' } : separateType(told);
  }

  const keyType = first.type ?? keyTypeOf(sourceName, first.label, settings);
  if (told !== undefined && storedType(told) !== keyType) {
    const message = `--types ${sourceName}=${told} contradicts the table: ${first.label} is ${keyType}`;
    throw new ImportError('usage', message, { hint: `Remove ${quoted(sourceName)} from --types.` });
  }
  return { type: told === undefined ? keyType : separateType(told).type, key: keyRole(roles, keyType) };
}

function keyRole(roles: readonly Role[], type: KeyType): KeyRole {
  return {
    type,
    maxBytes: Math.min(...roles.map((role) => role.maxBytes)),
    required: roles.some((role) => role.required),
    label: roles[0]!.label,
  };
}

/** Throws ImportError `usage` if the template cannot have the type that a key of the table has. */
function templateColumn(
  { name, type: told, parts }: AttributeTemplate,
  sourceNames: readonly string[],
  settings: ColumnSettings,
): Column {
  const roles = keyRolesOf(name, settings);
  const keyType = roles[0] === undefined ? undefined : (roles[0].type ?? told ?? 'S');
  if (keyType === 'B' || (keyType !== undefined && told !== undefined && told !== keyType)) {
    const message = `--set ${name} is ${told ?? 'S or N'}, but ${roles[0]!.label} is ${keyType}`;
    const hint = keyType === 'B' ? 'Take this key from a column.' : `Write --set '${name}=TEXT', without a type.`;
    throw new ImportError('usage', message, { hint });
  }
  return {
    sourceName: name,
    fieldIndex: -1,
    name,
    type: keyType ?? told ?? 'S',
    template: parts.map((part) =>
      typeof part === 'string' ? part : templateField(part.column, sourceNames, settings),
    ),
    ...(keyType !== undefined && { key: keyRole(roles, keyType) }),
  };
}

function templateField(sourceName: string, sourceNames: readonly string[], settings: ColumnSettings): TemplateField {
  const fieldIndex = sourceNames.indexOf(sourceName);
  const { declared: column, type = 'S' } = own(settings.sourceTypes ?? {}, sourceName) ?? {};
  const isChecked = column !== undefined && settings.omit.includes(sourceName);
  return { sourceName, fieldIndex, ...(isChecked && { declared: { column, type } }) };
}

/** The DynamoDB type of a column's type. */
function storedType(told: ColumnType | ToldType): Exclude<ColumnType, 'EPOCH' | 'HEX' | 'BASE64'> {
  const { type } = separateType(told as ToldType);
  if (type === 'EPOCH') return 'N';
  return type === 'HEX' || type === 'BASE64' ? 'B' : type;
}

/** A key attribute without a type has the type of its column. */
type Role = Omit<KeyRole, 'type'> & { readonly name: string; readonly type: KeyType | undefined };

/** The key roles of an attribute in the table and its indexes, the table's first. */
function keyRolesOf(name: string, settings: ColumnSettings): Role[] {
  const ofIndexes = settings.indexes.flatMap((index) =>
    index.key.map((attribute, i) => {
      const place = i < (index.partitionAttributes ?? 1) ? 0 : 1;
      const label = `the ${keyWord(place)} of index ${quoted(index.name)}`;
      return { ...attribute, maxBytes: maxKeyBytes(place), required: false, label };
    }),
  );
  return [...primaryKeyOf(settings), ...ofIndexes].filter((role) => role.name === name);
}

function primaryKeyOf(settings: ColumnSettings): Role[] {
  const attributes: readonly Pick<Role, 'name' | 'type'>[] =
    settings.tableKey.length > 0
      ? settings.tableKey
      : (settings.keyNames ?? []).map((name) => ({ name, type: undefined }));
  return attributes.map(({ name, type }, place) => {
    return { name, type, maxBytes: maxKeyBytes(place), required: true, label: `the table's ${keyWord(place)}` };
  });
}

function keyWord(place: number): string {
  return place === 0 ? 'partition key' : 'sort key';
}

function maxKeyBytes(place: number): number {
  return place === 0 ? 2048 : 1024;
}

/** The type of a key attribute if the table was not described. */
function keyTypeOf(sourceName: string, label: string, settings: ColumnSettings): KeyType {
  const type = own(settings.types, sourceName) ?? own(settings.sourceTypes ?? {}, sourceName)?.type ?? 'S';
  const stored = storedType(type);
  if (stored === 'S' || stored === 'N' || stored === 'B') return stored;
  throw new ImportError('usage', `column ${quoted(sourceName)} is ${label} and cannot be ${type}`, {
    hint: `Pass S, N or B for a key: --types ${sourceName}=S`,
  });
}

function sameAttribute(first: string, second: string, name: string): ImportError {
  const message = `columns ${quotedList([first, second])} would both become attribute ${quoted(name)}`;
  return new ImportError('usage', message, { hint: 'Rename one of them with --rename, or omit it with --omit.' });
}

function givenByColumn(name: string, column: string): ImportError {
  return new ImportError('usage', `--set ${name}: column ${quoted(column)} gives attribute ${quoted(name)} already`, {
    hint: `Pass --omit ${column}, which --set can still take, or --rename ${column}=OTHER.`,
  });
}

/** A first row without a column for the key may be data, and its fields secrets. */
function mayBeShown(sourceNames: readonly string[], settings: ColumnSettings): boolean {
  const { namesTold, rename, templates = [] } = settings;
  if (namesTold === true) return true;
  const attributes = sourceNames.map((name) => own(rename, name) ?? name);
  const isInSource = (name: string) => attributes.includes(name) || sourceNames.includes(name);
  // A key that is made of columns is none of them. The columns show whether the row is a header.
  const areMade = templateColumns(templates).some((name) => sourceNames.includes(name));
  const isMade = (name: string) => areMade && templates.some((template) => template.name === name);
  return primaryKeyOf(settings).every(({ name }) => isInSource(name) || isMade(name));
}

/** `shownNames`: undefined if none may be shown. */
function keyColumnMissing(
  name: string,
  label: string,
  shownNames: readonly string[] | undefined,
  settings: ColumnSettings,
): ImportError {
  const missing = `no column gives ${quoted(name)}, ${label}`;
  if (shownNames === undefined) {
    return new ImportError('key-column-missing', missing, {
      hint: `Pass --no-header and --columns if the first row is data, or --rename OLDNAME=${name} if its column has another name.`,
    });
  }
  const renamedTo = own(settings.rename, name);
  let hint = `Pass --rename ${closestName(name, shownNames) ?? 'OLDNAME'}=${name}.`;
  if (settings.omit.includes(name)) hint = `Remove ${quoted(name)} from --omit.`;
  else if (shownNames.includes(name)) hint = `Remove ${name}=${renamedTo} from --rename.`;
  return new ImportError('key-column-missing', `${missing}; the source has ${quotedList(shownNames)}`, { hint });
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
