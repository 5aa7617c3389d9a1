import { openS3Source } from '../../src/adapters/s3/s3-source.ts';
import { withAwsEnvironment } from '../support/aws-environment.ts';
import { openS3Place } from '../support/s3-place.ts';
import { bytesOf, type ContractPlace, sourceContract } from './source-contract.ts';

withAwsEnvironment();

sourceContract('an object of S3', { isReadAgain: true, onChange: 'fault' }, () => s3ContractPlace(false));
sourceContract('a version of an object of S3', { isReadAgain: true, onChange: 'snapshot' }, () =>
  s3ContractPlace(true),
);

async function s3ContractPlace(isVersioned: boolean): Promise<ContractPlace> {
  const { bucket, server, connection, stop } = await openS3Place({ isVersioned });
  const key = 'a folder/rows+1.txt';
  return {
    hold: async (rows) => bucket.put(key, bytesOf(rows)),
    remove: async () => bucket.remove(key),
    open: async () => (await openS3Source(connection, `s3://dumps/${key}`)).files[0]!,
    bytesSent: () => server.bytesSent(),
    handlesOpen: () => server.bodiesOpen(),
    breakOff: () => server.breakOff(),
    stop,
  };
}
