import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, plainItem, startDynalite } from '../../support/engines.ts';
import { workDir } from '../../support/work-dir.ts';

const fixtures = new URL('../../fixtures/mysql/', import.meta.url).pathname;
const truth = JSON.parse(readFileSync(`${fixtures}expected.json`, 'utf8')) as {
  columns: string[];
  rows: (string | null)[][];
};
const numbers = ['id', 'owner_id', 'is_active', 'amount'];
const binary = ['fingerprint', 'raw', 'flags'];

let engine: Engine;

beforeAll(async () => {
  engine = await startDynalite();
});
afterAll(() => engine.stop());

describe("a dump in MySQL's delimited text", () => {
  test.each(['tab', 'enclosed', 'optionally-enclosed'])('%s: arrives as the server holds it', async (folder) => {
    const table = `dump-${folder}`;
    await engine.createTable(table, [{ name: 'id', type: 'N' }]);
    // 1e300 is no number of DynamoDB's, so the DOUBLE goes in as text.
    const run = await workDir().run([
      ...[`${fixtures}${folder}/tokens.txt`, '--table', table, '--endpoint-url', engine.endpointUrl],
      ...['--wps', '1000', '--types', 'score=S'],
    ]);
    expect(run.status, run.stderr).toBe(0);
    const items = await engine.readItems(table);
    const expected = truth.rows.map((row) => expectedItem(row));
    expect(items).toHaveLength(expected.length);
    expect(items).toEqual(expect.arrayContaining(expected));
  });

  test.each([
    ['refuse-no-escape', "--fields-escaped-by=''"],
    ['refuse-no-escape-optional', "--fields-escaped-by=''"],
    ['refuse-escaped-by-quote', 'escaped by its own quote'],
  ])('%s: is refused by name, with the command that dumps it right', async (folder, cause) => {
    const run = await workDir().run([`${fixtures}${folder}/tokens.txt`, '--repository', 'memory', '--no-run-dir']);
    expect(run.status).toBe(4);
    expect(run.stderr).toContain(cause);
    expect(run.stderr).toContain('mysqldump --tab');
  });
});

function expectedItem(row: readonly (string | null)[]) {
  const item: Parameters<typeof plainItem>[0] = {};
  truth.columns.forEach((name, i) => {
    const value = row[i];
    if (value === null || value === undefined) return;
    if (binary.includes(name)) item[name] = { B: Buffer.from(value, 'hex') };
    else item[name] = numbers.includes(name) ? { N: value } : { S: value };
  });
  return plainItem(item);
}
