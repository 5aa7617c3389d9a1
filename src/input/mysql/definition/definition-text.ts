import type { TableColumn } from './table-column.ts';
import type { TableDefinition } from './table-definition.ts';

/** A CREATE TABLE in UTF-8 that reads back as the same definition. Without the expressions of generated columns. */
export function definitionText({ name, columns, primaryKey, timestampsInUtc }: TableDefinition): string {
  const key = primaryKey.length === 0 ? [] : [`PRIMARY KEY (${primaryKey.map(quotedName).join(',')})`];
  const items = [...columns.map(columnText), ...key].map((item) => `  ${item}`);
  const zone = timestampsInUtc ? "SET TIME_ZONE='+00:00';\n" : '';
  return `SET NAMES utf8mb4;\n${zone}CREATE TABLE ${quotedName(name)} (\n${items.join(',\n')}\n);\n`;
}

function columnText({ name, sqlType, characterSet, nullable, generated, invisible }: TableColumn): string {
  return [
    quotedName(name),
    sqlType,
    ...(characterSet === undefined ? [] : [`CHARACTER SET ${characterSet}`]),
    ...(nullable ? [] : ['NOT NULL']),
    ...(generated ? ['GENERATED ALWAYS AS (NULL)'] : []),
    ...(invisible ? ['INVISIBLE'] : []),
  ].join(' ');
}

function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
