import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foldersWithRaise, RaiseFile, readRaise } from '../../../../src/adapters/file/run/run-stores.ts';
import type { CapacityRaise } from '../../../../src/domain/table.ts';
import { workDir } from '../../../support/work-dir.ts';
import { faultOf } from '../../packing/collect.ts';

const suspended = { scaleIn: false, scaleOut: false, scheduled: true };
const raise: CapacityRaise = {
  tableName: 'tokens',
  tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens',
  region: 'us-east-1',
  endpointUrl: 'http://127.0.0.1:8000',
  since: '2026-01-31T02:00:00.000Z',
  parts: [
    { index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 20_000 },
    { index: 'by-user', beforeWriteUnits: 30, raisedWriteUnits: 20_000, earlierWriteUnits: [500] },
  ],
  mayShowLate: 'last-request',
  scaling: [{ index: 'by-user', minWriteUnits: 5, maxWriteUnits: 100, suspended }],
  undoCommand: 'aws dynamodb update-table --table-name tokens',
};

test('a raise is read back as it was saved, for its owner only, and is gone once it is cleared', async () => {
  const { path } = workDir();
  expect(await readRaise(path)).toBeUndefined();
  const file = new RaiseFile(path);
  await file.save({ ...raise, parts: [] });
  await file.save(raise);
  expect(await readRaise(path)).toEqual({ version: 1, ...raise });
  expect(statSync(join(path, 'capacity.json')).mode & 0o777).toBe(0o600);
  await file.clear();
  await file.clear();
  expect(readdirSync(path)).toEqual([]);
  expect(await readRaise(path)).toBeUndefined();
});

test.each([
  ['{"version":1}'],
  ['{"version":1,"tableName"'],
  [JSON.stringify({ version: 1, ...raise, parts: [{ index: 3, beforeWriteUnits: 1, raisedWriteUnits: 2 }] })],
  [JSON.stringify({ version: 1, ...raise, parts: [{ beforeWriteUnits: '1', raisedWriteUnits: 2 }] })],
  [JSON.stringify({ version: 1, ...raise, parts: [{ ...raise.parts[0], earlierWriteUnits: ['500'] }] })],
  [JSON.stringify({ version: 1, ...raise, mayShowLate: 'something' })],
  [JSON.stringify({ version: 1, ...raise, scaling: [{ suspended: {} }] })],
])('what makes no sense is refused, with the way to do without: %s', async (text) => {
  const dir = workDir();
  dir.write('capacity.json', text);
  const { code, hint } = await faultOf(() => readRaise(dir.path));
  expect({ code, hint }).toEqual({
    code: 'run-dir',
    hint: expect.stringContaining('import-tokens capacity restore --table NAME --wcu N'),
  });
});

test('folders whose runs left capacity raised are found among others', async () => {
  const dir = workDir();
  dir.write('runs/b/capacity.json', '{}');
  dir.write('runs/a/capacity.json', '{}');
  dir.write('runs/c/checkpoint.json', '{}');
  dir.write('runs/capacity.json', '{}');
  expect(await foldersWithRaise(join(dir.path, 'runs'))).toEqual([join(dir.path, 'runs/a'), join(dir.path, 'runs/b')]);
  expect(await foldersWithRaise(join(dir.path, 'none'))).toEqual([]);
});

test('a file that an earlier version wrote is read, so that its run can still be restored', async () => {
  const dir = workDir();
  dir.write('capacity.json', ofEarlierVersion);
  expect(await readRaise(dir.path)).toMatchObject({
    tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens',
    parts: [
      { beforeWriteUnits: 20, raisedWriteUnits: 1000 },
      { index: 'by-user', beforeWriteUnits: 30 },
    ],
    scaling: [{ suspended: { scaleIn: false } }],
  });
});

const ofEarlierVersion = `{
  "version": 1,
  "tableName": "tokens",
  "tableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/tokens",
  "region": "us-east-1",
  "since": "2026-01-31T02:00:00.000Z",
  "parts": [
    { "beforeWriteUnits": 20, "raisedWriteUnits": 1000 },
    { "index": "by-user", "beforeWriteUnits": 30, "raisedWriteUnits": 1000, "earlierWriteUnits": [500] }
  ],
  "scaling": [
    {
      "minWriteUnits": 5,
      "maxWriteUnits": 100,
      "suspended": { "scaleIn": false, "scaleOut": false, "scheduled": false }
    }
  ],
  "undoCommand": "aws dynamodb update-table --table-name tokens"
}
`;
