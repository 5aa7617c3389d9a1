import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, type PlainItem, plainItem, startDynalite } from '../support/engines.ts';
import { randomBelow, seededRandom } from '../support/seeded-random.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { workDir } from '../support/work-dir.ts';
import { readHex, selectInHex, serverColumns, serverTable } from './server-rows.ts';

const [mariaDb] = sqlProducts;
const rowCount = 10_000;
const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? 5);
const inUtc = "SET time_zone='+00:00';";

let server: SqlServer;
let engine: Engine;

describe.skipIf(!mariaDb!.enabled)(`a server's ${rowCount} random rows (seed ${seed})`, { timeout: 240_000 }, () => {
  beforeAll(async () => {
    [server, engine] = await Promise.all([mariaDb!.start(), startDynalite()]);
    server.query(`CREATE DATABASE app; USE app;\n${serverTable('tokens', rowCount, seededRandom(seed))}`);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([server?.stop(), engine?.stop()]);
  });

  test.each([
    ['the default', 'tab', [], []],
    ['enclosed', 'enclosed', ['--fields-terminated-by=,', '--fields-enclosed-by="'], []],
    [
      'optionally enclosed, CR LF',
      'optionally',
      ['--fields-terminated-by=;', "--fields-optionally-enclosed-by='", '--lines-terminated-by=\r\n'],
      [],
    ],
    [
      'of separators that only flags tell',
      'odd',
      ['--fields-terminated-by=|', '--fields-optionally-enclosed-by=^', '--fields-escaped-by=!'],
      ['--delimiter', '|', '--quote', '^', '--escape', '!'],
    ],
  ])('%s: mysqldump --tab arrives in DynamoDB as SELECT gives it', async (_, table, dialect, flags) => {
    const dump = server.dump('app', ...dialect);
    expect(await imported(table, [join(dump, 'tokens.txt'), ...flags])).toEqual(truth());
  });

  test('mysql --batch arrives as SELECT gives it, but for the word NULL', async () => {
    const schema = join(server.dump('app', '--no-data'), 'tokens.sql');
    const dir = workDir();
    dir.write('tokens.tsv', select('SELECT * FROM tokens'));
    const held = truth((name, value) => !(value.equals(Buffer.from('NULL')) && name !== 'token'));
    expect(await imported('batch', [join(dir.path, 'tokens.tsv'), '--schema', schema])).toEqual(held);
  });

  test('seconds of EPOCH columns are those of UNIX_TIMESTAMP', async () => {
    const dump = server.dump('app');
    const epoch = ['--types', 'expires=EPOCH', '--zero-dates', 'null', '--time-zone', 'Asia/Tokyo'];
    const items = await imported('epoch', [join(dump, 'tokens.txt'), ...epoch, '--max-rejects', '-1'], 5);
    const lines = select('SELECT id, UNIX_TIMESTAMP(expires) FROM tokens').toString().split('\n').slice(1, -1);
    const seconds = new Map(lines.map((line) => line.split('\t') as [string, string]));
    for (const [id, item] of items) {
      const expected = seconds.get(id)!;
      expect(item['expires']).toEqual(expected === 'NULL' || expected === '0' ? undefined : { N: expected });
    }
    expect(items.size).toBe(rowCount - idsOfNullWords().length);
  });

  test('rows with BIT columns are right or rejected, and right as numbers', async () => {
    const random = seededRandom(seed);
    const bits = { id: '', a: 8, b: 1, c: 16, d: 64, t: '' } as const;
    const values = Array.from({ length: 2000 }, (_, i) => {
      const value = (width: number) => (random() < 0.1 ? 'NULL' : `b'${binaryText(random, width)}'`);
      return `(${i + 1},${value(8)},${value(1)},${value(16)},${value(64)},'row, "${i}"')`;
    });
    server.query(
      `CREATE DATABASE bits; USE bits; CREATE TABLE bits (id int NOT NULL PRIMARY KEY, a bit(8), b bit(1), c bit(16), d bit(64), t varchar(20));
       INSERT INTO bits VALUES ${values.join(',')};`,
    );
    const held = new Map<string, PlainItem>();
    const hexOf = (name: string, width: number) => `LPAD(HEX(${name}+0), ${2 * Math.ceil(width / 8)}, '0')`;
    const columns = Object.entries(bits).map(([name, width]) =>
      width === '' ? `HEX(${name === 'id' ? 'CAST(id AS CHAR)' : name})` : `IFNULL(${hexOf(name, width)}, '-')`,
    );
    const kinds = Object.keys(bits).map((name) => ({ name, kind: name === 'id' ? 'N' : name === 't' ? 'S' : 'B' }));
    const rows = readHex(server.query(`SELECT ${columns.join(',')} FROM bits`, '--skip-column-names', 'bits'));
    for (const row of rows) held.set(String(row[0]), itemOf(row, kinds));
    expect(held.size).toBe(2000);

    const dump = server.dump('bits');
    const raw = await imported('raw-bits', [join(dump, 'bits.txt'), '--max-rejects', '-1'], 5);
    expect(raw.size).toBeGreaterThan(1000);
    for (const [id, item] of raw) expect(item).toEqual(withNumbers(held.get(id)!));

    const dir = workDir();
    dir.write('bits.tsv', server.query('SELECT id, a+0 AS a, b+0 AS b, c+0 AS c, d+0 AS d, t FROM bits', 'bits'));
    const asNumbers = ['--schema', join(dump, 'bits.sql'), '--types', 'a=N,b=BOOL,c=N,d=N'];
    const numbers = await imported('bits', [join(dir.path, 'bits.tsv'), ...asNumbers]);
    const expected = [...held].map(([id, item]) => [id, withNumbers(item, ['b'])] as const);
    expect(numbers).toEqual(new Map(expected));
  });
});

function select(sql: string): Buffer {
  return server.query(`${inUtc} ${sql}`, '--quick', '--default-character-set=utf8mb4', 'app');
}

/** The items that the rows of `tokens` have to become, by id; `isHeld` false: left out. */
function truth(isHeld: (name: string, value: Buffer) => boolean = () => true): Map<string, PlainItem> {
  const lines = server.query(`${inUtc} ${selectInHex('tokens')}`, '--skip-column-names', '--quick', 'app');
  const items = readHex(lines).map((row) => itemOf(row, serverColumns, isHeld));
  const byId = new Map(items.map((item) => [idOf(item), item]));
  expect(byId.size).toBe(rowCount);
  return byId;
}

function itemOf(
  row: readonly (Buffer | null)[],
  columns: readonly { name: string; kind: string }[],
  isHeld: (name: string, value: Buffer) => boolean = () => true,
): PlainItem {
  const item: Parameters<typeof plainItem>[0] = {};
  for (const [i, { name, kind }] of columns.entries()) {
    const value = row[i];
    if (value === null || value === undefined || !isHeld(name, value)) continue;
    if (kind === 'B') item[name] = { B: value };
    else item[name] = kind === 'N' ? { N: value.toString() } : { S: value.toString() };
  }
  return plainItem(item);
}

async function imported(table: string, args: readonly string[], status = 0): Promise<Map<string, PlainItem>> {
  await engine.createTable(table, [{ name: 'id', type: 'N' }]);
  const target = [
    '--table',
    table,
    '--endpoint-url',
    engine.endpointUrl,
    '--wps',
    '100000',
    '--request-timeout',
    '30s',
  ];
  const run = await workDir().run([...args, ...target]);
  expect(run.status, run.stderr.slice(0, 4000)).toBe(status);
  const items = await engine.readItems(table);
  return new Map(items.map((item) => [idOf(item), item]));
}

function idOf(item: PlainItem): string {
  return (item['id'] as { N: string }).N;
}

/** Some bytes are what a reader takes for something else most easily. */
function binaryText(random: () => number, width: number): string {
  const special = [0x5c, 0x4e, 0x09, 0x0a, 0x2c, 0x22, 0x30];
  const byte = () => (random() < 0.08 ? special[randomBelow(random, special.length)]! : randomBelow(random, 256));
  const digits = Array.from({ length: Math.ceil(width / 8) }, () => byte().toString(2).padStart(8, '0')).join('');
  return digits.slice(-width);
}

/** BIT columns as the numbers that they are; those of `truths` as true or false. */
function withNumbers(item: PlainItem, truths: readonly string[] = []): PlainItem {
  const numbers = Object.entries(item).map(([name, value]) => {
    const bytes = (value as { B?: string }).B;
    if (bytes === undefined) return [name, value];
    const number = BigInt(`0x${Buffer.from(bytes, 'base64').toString('hex')}`);
    return [name, truths.includes(name) ? { BOOL: number === 1n } : { N: String(number) }];
  });
  return Object.fromEntries(numbers);
}
