import type { KeyType } from '../domain/column.ts';

const numbers =
  /^(tinyint|smallint|mediumint|int|integer|bigint|int[12348]|middleint|decimal|dec|numeric|fixed|float|float[48]|double|real|year|bool|boolean|serial)\b/;
const bytes =
  /^(binary|varbinary|(tiny|medium|long)?blob|bit|geometry|point|linestring|polygon|multi\w+|geometrycollection|geomcollection|vector|(char|character|varchar|(tiny|medium|long)?text)\b.* character set binary)\b/;

/** What a column's values are in DynamoDB's terms: numbers as exact text, bytes, and text for all else (json too). */
export function columnType(sqlType: string): KeyType {
  if (numbers.test(sqlType)) return 'N';
  return bytes.test(sqlType) ? 'B' : 'S';
}

/** Declared width of a BIT column; undefined for all others. */
export function bitWidth(sqlType: string): number | undefined {
  const match = /^bit(?:\((\d+)\))?/.exec(sqlType);
  return match === null ? undefined : Number(match[1] ?? 1);
}
