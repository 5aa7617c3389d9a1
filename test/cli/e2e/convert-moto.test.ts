import {
  DescribeImportCommand,
  DynamoDBClient,
  ImportTableCommand,
  type ImportTableInput,
  ImportTableInput$,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { awsInputOf } from '../../support/aws-command.ts';
import { staticKeys } from '../../support/aws-environment.ts';
import { motoCommand, startMoto } from '../../support/moto.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const rowCount = 50_000;
const twice = 5_000;

test.runIf(motoCommand !== undefined)(
  'rows that are converted, and loaded by the printed command, are equal to the source',
  { timeout: 120_000 },
  async () => {
    const moto = await startMoto(motoCommand!);
    const keys = { accessKeyId: staticKeys.AWS_ACCESS_KEY_ID, secretAccessKey: staticKeys.AWS_SECRET_ACCESS_KEY };
    const dynamo = new DynamoDBClient({ endpoint: moto.url, region: 'us-east-1', credentials: keys });
    try {
      await moto.client.send(new CreateBucketCommand({ Bucket: 'dumps' }));
      const dir = workDir();
      const later = tokensCsv(twice)
        .replaceAll(/,u(\d)\n/g, ',later-$1\n')
        .replace('token,user_id\n', '');
      dir.write('tokens.csv', tokensCsv(rowCount - twice) + later);
      const env = { AWS_ENDPOINT_URL: moto.url, AWS_REGION: 'us-east-1' };
      const args = ['convert', 'tokens.csv', '--key', 'token', '--table', 'tokens', '--to', 's3://dumps/night/'];
      const converted = await dir.run([...args, '--file-bytes', '512K', '--run-dir', 'run'], { env });
      expect(converted, converted.stderr).toMatchObject({ status: 0 });
      const { rows, converted: made } = JSON.parse(dir.read('run/summary.json'));
      expect(rows).toMatchObject({ read: rowCount, written: rowCount - twice, superseded: twice });
      expect(made.files).toBeGreaterThan(3);

      const [, command] = /^ {2}arn=\$\((aws dynamodb import-table .*)\)$/m.exec(converted.stdout)!;
      const input = awsInputOf(command!, ImportTableInput$) as ImportTableInput;
      const { ImportTableDescription: started } = await dynamo.send(new ImportTableCommand(input));
      expect(await endOf(dynamo, started!.ImportArn!)).toMatchObject({
        ...{ ImportStatus: 'COMPLETED', ErrorCount: 0 },
        ImportedItemCount: rowCount - twice,
      });

      const verify = ['verify', 'tokens.csv', '--table', 'tokens', '--key', 'token', '--all', '--rcu', '40000'];
      const verified = await dir.run([...verify, '--run-dir', 'verified'], { env });
      expect(verified, verified.stdout).toMatchObject({ status: 0 });
      expect(JSON.parse(dir.read('verified/verify-report.json')).rows).toMatchObject({
        ...{ read: rowCount, equal: rowCount - twice, superseded: twice },
        ...{ missing: 0, different: 0 },
      });
    } finally {
      dynamo.destroy();
      await moto.stop();
    }
  },
);

async function endOf(dynamo: DynamoDBClient, ImportArn: string) {
  for (;;) {
    const { ImportTableDescription: now } = await dynamo.send(new DescribeImportCommand({ ImportArn }));
    if (now!.ImportStatus !== 'IN_PROGRESS') return now;
  }
}
