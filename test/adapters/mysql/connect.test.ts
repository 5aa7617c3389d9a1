import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { amazonCertificates } from '../../../src/adapters/mysql/connect.ts';

test('the authorities of Amazon RDS are known, with those of every key type in present use', async () => {
  const subjects = (await amazonCertificates()).map((pem) => new X509Certificate(pem).subject);
  for (const type of ['RSA2048 G1', 'RSA4096 G1', 'ECC384 G1']) {
    for (const region of ['us-east-1', 'eu-central-1', 'ap-northeast-1']) {
      expect(subjects.join()).toContain(`Amazon RDS ${region} Root CA ${type}`);
    }
  }
});
