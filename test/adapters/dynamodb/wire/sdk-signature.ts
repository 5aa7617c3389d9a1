import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../../../../src/adapters/aws/credentials.ts';

export type RequestToSign = {
  readonly path: string;
  readonly host: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
  readonly date: Date;
  readonly region: string;
};

/** The headers that the AWS SDK's own signer gives a POST to DynamoDB. */
export async function sdkSignature(
  request: RequestToSign,
  credentials: Credentials,
): Promise<{ readonly date: string | undefined; readonly authorization: string | undefined }> {
  const { region } = request;
  const signer = new SignatureV4({ credentials, region, service: 'dynamodb', sha256: Sha256, applyChecksum: false });
  const url = new URL(`https://${request.host}`);
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: url.hostname,
      path: request.path,
      query: {},
      headers: { ...request.headers, host: request.host },
      body: request.body,
    },
    { signingDate: request.date },
  );
  return { date: signed.headers['x-amz-date'], authorization: signed.headers['authorization'] };
}
