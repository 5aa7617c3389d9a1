import { expect, test } from 'vitest';
import { openFileLimit } from '../../src/adapters/system/process-identity.ts';
import { checkOpenFiles } from '../../src/compose/open-connection.ts';

test('more connections than the process may have open files are refused, with the figures', async () => {
  await expect(checkOpenFiles(1_024, Promise.resolve(1_024))).rejects.toMatchObject({
    code: 'usage',
    message: '--concurrency 1024 needs 1,064 open files, and this process may have 1,024',
    hint: 'Raise the limit with ulimit -n 1064, or pass --concurrency 984.',
  });
  await expect(checkOpenFiles(64, Promise.resolve(64))).rejects.toMatchObject({ code: 'usage' });
});

test('fewer connections are not advised where not one would fit', async () => {
  await expect(checkOpenFiles(8, Promise.resolve(40))).rejects.toMatchObject({
    hint: 'Raise the limit with ulimit -n 48.',
  });
});

test('as many as there is room for, or where the system does not tell, are taken', async () => {
  await checkOpenFiles(984, Promise.resolve(1_024));
  await checkOpenFiles(100_000, Promise.resolve(undefined));
});

test.runIf(process.platform === 'linux')('the limit of this process is read', async () => {
  expect(await openFileLimit()).toBeGreaterThan(0);
  expect(await openFileLimit('/nowhere')).toBeUndefined();
});
