import { isAscii, isUtf8 } from 'node:buffer';
import { type Random, randomBelow } from '../support/seeded-random.ts';

/** Writes a value as SQL. */
export type RandomValue = (random: Random, row: number) => string;

const hostile = [
  ...['\0', '\t', '\n', '\r', '\r\n', '\\', '\\N', 'N', 'NULL', '"', "'", ',', ';', '|', '||', '^', '!', '%', '\x1a'],
  ...['😀', '𝒳', 'é', '漢', '\ufeff', '\u2028', 'a', 'Z', ' ', '0', '\x7f', '\b'],
];
const hostileAscii = hostile.filter((part) => isAscii(Buffer.from(part)));
/** Escapes, separators, quotes and line ends of the dialects, also after an escape. */
const specialBytes = Buffer.from('\\!\t,;|"\'^\n\r%0N\0');

export function text(mostParts = 6): RandomValue {
  return (random) => `CONVERT(${hex(Buffer.from(someOf(random, hostile, mostParts).join('')))} USING utf8mb4)`;
}

/** Bytes of a single-byte set, also those without a character; only from `firstUtf8Row` on some could be UTF-8 too. */
export function textIn(set: string, firstUtf8Row: number, mostParts = 6): RandomValue {
  return (random, row) => {
    const parts = Array.from({ length: randomBelow(random, mostParts) }, () =>
      random() < 0.5 ? String.fromCharCode(0x80 + randomBelow(random, 128)) : oneOf(random, hostileAscii),
    );
    const isUtf8Wanted = random() < 0.02 && row >= firstUtf8Row;
    const value = isUtf8Wanted ? Buffer.from(`${oneOf(random, hostileAscii)}é`) : Buffer.from(parts.join(''), 'latin1');
    const isTaken = row >= firstUtf8Row || isAscii(value) || !isUtf8(value);
    return `CONVERT(${hex(isTaken ? value : Buffer.from([0xff]))} USING ${set})`;
  };
}

export function bytes(random: Random): string {
  return hex(randomBytes(random, randomBelow(random, 24)));
}

export function fixedBytes(length: number): RandomValue {
  return (random) => hex(randomBytes(random, length));
}

export const everyByte: RandomValue = () => hex(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));

/** A value of a BIT column; some consist of separators, quotes or escapes. */
export function bits(width: number): RandomValue {
  return (random) => {
    const isSpecial = random() < 0.04;
    const byte = () => (isSpecial ? oneOf(random, [...specialBytes]) : randomBelow(random, 256));
    const digits = Array.from({ length: Math.ceil(width / 8) }, () => byte().toString(2).padStart(8, '0'));
    return `b'${digits.join('').slice(-width)}'`;
  };
}

/** A whole number of this width in bits, often at the edges. */
export function integer(width: number, unsigned = false): RandomValue {
  const least = unsigned ? 0n : -(2n ** BigInt(width - 1));
  return (random) => {
    const offset = BigInt(`0x${randomBytes(random, 8).toString('hex')}`) % 2n ** BigInt(width);
    return String(random() < 0.2 ? oneOf(random, [least, least + 2n ** BigInt(width) - 1n, 0n, 1n]) : least + offset);
  };
}

export function decimal(whole: number, fraction: number): RandomValue {
  return (random) => {
    const digits = (count: number) => Array.from({ length: count }, () => randomBelow(random, 10)).join('');
    return `${random() < 0.5 ? '-' : ''}${digits(1 + randomBelow(random, whole))}.${digits(fraction)}`;
  };
}

/** Within the limits of DynamoDB. */
export function double(random: Random): string {
  return `${(random() - 0.5).toFixed(20)}e${randomBelow(random, 240) - 120}`;
}

export function float(random: Random): string {
  return `${(random() - 0.5) * 10 ** (randomBelow(random, 30) - 15)}`;
}

/** By number, from `least` to `most`: a member of an ENUM, the members of a SET, a year. */
export function numbered(least: number, most: number): RandomValue {
  return (random) => String(least + randomBelow(random, most - least + 1));
}

export function json(random: Random): string {
  const document = { text: oneOf(random, hostile), list: [random(), null, true], '😀': '\t"\\' };
  return `CONVERT(${hex(Buffer.from(JSON.stringify(document)))} USING utf8mb4)`;
}

export function date(random: Random): string {
  if (random() < 0.05) return oneOf(random, ["'0000-00-00'", "'2024-00-00'", "'2024-02-00'"]);
  return `'${1000 + randomBelow(random, 9000)}-${two(1 + randomBelow(random, 12))}-${two(1 + randomBelow(random, 28))}'`;
}

export function dateTime(random: Random): string {
  const time = `${two(randomBelow(random, 24))}:${two(randomBelow(random, 60))}:59.${randomBelow(random, 1e6)}`;
  return `${date(random).slice(0, -1)} ${time}'`;
}

export function time(random: Random): string {
  const sign = random() < 0.3 ? '-' : '';
  return `'${sign}${randomBelow(random, 839)}:${two(randomBelow(random, 60))}:01.${randomBelow(random, 1000)}'`;
}

export function timestamp(random: Random): string {
  if (random() < 0.05) return "'0000-00-00 00:00:00'";
  return `FROM_UNIXTIME(${1 + randomBelow(random, 2_147_483_646)}.${randomBelow(random, 1000)})`;
}

export function vector(random: Random): string {
  const numbers = [random(), -random(), randomBelow(random, 2 ** 24)].map((number) => number.toFixed(6));
  return `TO_VECTOR('[${numbers.join(',')}]')`;
}

function hex(value: Buffer): string {
  return `X'${value.toString('hex')}'`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => randomBelow(random, 256)));
}

function someOf<Value>(random: Random, values: readonly Value[], limit: number): Value[] {
  return Array.from({ length: randomBelow(random, limit) }, () => oneOf(random, values));
}

function oneOf<Value>(random: Random, values: readonly Value[]): Value {
  return values[randomBelow(random, values.length)]!;
}
