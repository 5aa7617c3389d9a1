import type { Random } from '../support/seeded-random.ts';
import type { SqlProduct } from '../support/sql-server.ts';
import * as values from './random-values.ts';

/** A column of the test table. */
export type ServerColumn = {
  readonly name: string;
  readonly sqlType: string;
  /** What the item holds: text, a number, bytes, or the number of the bits. */
  readonly kind: 'S' | 'N' | 'B' | 'BIT';
  readonly nullable: boolean;
  /** The single-byte character set of its text. */
  readonly characterSet?: string;
  /** Width of a BIT column. */
  readonly bits?: number;
  /** A random value as SQL; without it the server computes the value. */
  readonly value?: values.RandomValue;
};

type Kind = ServerColumn['kind'];

/** From this row on, after the importer's sample, text of a single-byte set may look like UTF-8. */
export const firstUtf8Row = 5000;

/** Every type that an operator may have; `id` is the key. */
export function serverColumns(product: SqlProduct['name']): readonly ServerColumn[] {
  return [
    required('id', 'bigint unsigned', 'N', (_, row) => idOf(row)),
    required('token', 'varchar(255)', 'S', values.text(8)),
    ...numbers,
    ...texts,
    ...bits,
    ...textsOfOtherSets,
    ...bytes,
    ...times,
    ...(product === 'MySQL' ? [nullable('embedding', 'vector(3)', 'B', values.vector)] : []),
    { name: 'twice', sqlType: 'varchar(600) AS (concat(token, token)) STORED', kind: 'S', nullable: true },
    { name: 'half', sqlType: 'bigint unsigned AS (id DIV 2) VIRTUAL', kind: 'N', nullable: true },
    nullable('unseen', "int DEFAULT '7' INVISIBLE", 'N', values.integer(32)),
    bitColumn('last', 8, true),
  ];
}

const numbers = [
  required('active', 'tinyint(1)', 'N', values.numbered(0, 1)),
  ...[8, 16, 24, 32, 64].flatMap((width) => {
    const type = { 8: 'tinyint', 16: 'smallint', 24: 'mediumint', 32: 'int', 64: 'bigint' }[width]!;
    return [
      nullable(type, type, 'N', values.integer(width)),
      required(`u_${type}`, `${type} unsigned`, 'N', values.integer(width, true)),
    ];
  }),
  nullable('padded', 'int(8) unsigned zerofill', 'N', values.integer(16, true)),
  nullable('amount', 'decimal(30,10)', 'N', values.decimal(20, 10)),
  nullable('score', 'double', 'N', values.double),
  nullable('ratio', 'float', 'N', values.float),
  nullable('born', 'year', 'N', values.numbered(1901, 2155)),
];

const texts = [
  nullable('a "quoted", name', "varchar(64) COMMENT 'a, b; \"c\" ''d'''", 'S', values.text()),
  nullable('code', 'char(3)', 'S', values.text()),
  nullable('body', 'text', 'S', values.text(40)),
  nullable('kind', "enum('access','re,fresh','it''s','','é\\\\n','\t')", 'S', values.numbered(0, 6)),
  required('flags', "set('a','b''s','c\\\\','ü')", 'S', values.numbered(0, 15)),
  nullable('meta', 'json', 'S', values.json),
];

const bits = [
  bitColumn('one', 1, false),
  bitColumn('one_or_null', 1, true),
  bitColumn('octet', 8, false),
  bitColumn('ten', 10, true),
  bitColumn('word', 16, true),
  bitColumn('wide', 64, true),
];

const textsOfOtherSets = [
  textColumn('western', 'varchar(40)', 'latin1', true),
  textColumn('central', 'text', 'latin2', true),
  textColumn('cyrillic', 'char(20)', 'cp1251', false),
  {
    ...nullable('size', "enum('é','ñ','s') CHARACTER SET latin1", 'S', values.numbered(1, 3)),
    characterSet: 'latin1',
  },
];

const bytes = [
  nullable('raw', 'varbinary(300)', 'B', values.bytes),
  nullable('picture', 'blob', 'B', (random, row) => (row % 50 === 0 ? values.everyByte : values.bytes)(random, row)),
  nullable('fixed', 'binary(16)', 'B', values.fixedBytes(16)),
];

const times = [
  nullable('day', 'date', 'S', values.date),
  nullable('span', 'time(3)', 'S', values.time),
  required('created', 'datetime(6)', 'S', values.dateTime),
  nullable('seen', 'datetime', 'S', values.dateTime),
  nullable('expires', 'timestamp', 'S', values.timestamp),
  nullable('changed', 'timestamp(3)', 'S', values.timestamp),
];

function required(name: string, sqlType: string, kind: Kind, value: values.RandomValue): ServerColumn {
  return { name, sqlType: `${sqlType} NOT NULL`, kind, nullable: false, value };
}

function nullable(name: string, sqlType: string, kind: Kind, value: values.RandomValue): ServerColumn {
  const orNull = (random: Random, row: number) => (random() < 0.15 ? 'NULL' : value(random, row));
  return { name, sqlType: `${sqlType} NULL`, kind, nullable: true, value: orNull };
}

function bitColumn(name: string, width: number, isNullable: boolean): ServerColumn {
  const column = isNullable ? nullable : required;
  return { ...column(name, `bit(${width})`, 'BIT', values.bits(width)), bits: width };
}

function textColumn(name: string, type: string, set: string, isNullable: boolean): ServerColumn {
  const column = isNullable ? nullable : required;
  return { ...column(name, `${type} CHARACTER SET ${set}`, 'S', values.textIn(set, firstUtf8Row)), characterSet: set };
}

function idOf(row: number): string {
  return String(row % 1000 === 999 ? 18_446_744_073_709_551_615n - BigInt(row) : BigInt(row + 1));
}
