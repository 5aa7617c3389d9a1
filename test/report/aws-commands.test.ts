import { expect, test } from 'vitest';
import { suspendScalingCommand, updateTableCommand } from '../../src/report/aws-commands.ts';

const table = { index: undefined, writeUnits: 20, readUnits: 5 };
const byUser = { index: 'by-user', writeUnits: 30, readUnits: 7 };
const byDay = { index: 'by-day', writeUnits: 40, readUnits: 8 };

test('table and indexes are one command, with each index in quotes', () => {
  expect(updateTableCommand({ tableName: 'tokens', region: 'eu-west-1' }, [byUser, table, byDay])).toBe(
    'aws dynamodb update-table --table-name tokens --provisioned-throughput ReadCapacityUnits=5,WriteCapacityUnits=20 ' +
      "--global-secondary-index-updates 'Update={IndexName=by-user,ProvisionedThroughput={ReadCapacityUnits=7,WriteCapacityUnits=30}}' " +
      "'Update={IndexName=by-day,ProvisionedThroughput={ReadCapacityUnits=8,WriteCapacityUnits=40}}' --region eu-west-1",
  );
});

test('what does not change is not named, and odd names are quoted', () => {
  const place = { tableName: 'tokens', profile: "o'brien", endpointUrl: 'http://127.0.0.1:8000' };
  expect(updateTableCommand(place, [table])).toBe(
    'aws dynamodb update-table --table-name tokens --provisioned-throughput ReadCapacityUnits=5,WriteCapacityUnits=20 ' +
      `--profile 'o'\\''brien' --endpoint-url http://127.0.0.1:8000`,
  );
  expect(updateTableCommand({ tableName: 'tokens' }, [byDay])).not.toContain('--provisioned-throughput');
});

test.each([
  [undefined, 'table/tokens', 'dynamodb:table:WriteCapacityUnits'],
  ['by-user', 'table/tokens/index/by-user', 'dynamodb:index:WriteCapacityUnits'],
])('auto scaling of %s is suspended by its resource and dimension', (index, resource, dimension) => {
  const command = suspendScalingCommand({ tableName: 'tokens' }, index, {
    scaleIn: true,
    scaleOut: false,
    scheduled: true,
  });
  expect(command).toContain(`--resource-id ${resource} --scalable-dimension ${dimension} `);
  expect(command).toContain(
    'DynamicScalingInSuspended=true,DynamicScalingOutSuspended=false,ScheduledScalingSuspended=true',
  );
});
