import { spawn } from 'node:child_process';
import { S3Client } from '@aws-sdk/client-s3';
import { staticKeys } from './aws-environment.ts';

/** `moto_server` of the Python package moto, where tests may run it. */
export const motoCommand = process.env['IMPORT_TOKENS_MOTO'];

export type Moto = { readonly url: string; readonly client: S3Client; stop(): Promise<void> };

/** Starts moto, another's imitation of AWS, on a port that the system picks. */
export async function startMoto(command: string): Promise<Moto> {
  const child = spawn(command, ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`moto ended before it listened:\n${said}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
      const found = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const client = new S3Client({
    ...{ endpoint: url, region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId: staticKeys.AWS_ACCESS_KEY_ID, secretAccessKey: staticKeys.AWS_SECRET_ACCESS_KEY },
  });
  const stop = async () => {
    client.destroy();
    child.kill();
    await ended;
  };
  return { url, client, stop };
}
