import { expect, test } from 'vitest';
import { workDir } from '../../support/work-dir.ts';

test('--licenses prints the notices of all bundled packages', async () => {
  const { status, stdout, stderr } = await workDir().run(['--licenses']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^import-tokens contains these packages:\n\n {2}@aws-sdk\//);
  expect(stdout).toContain('\n  commander ');
  expect(stdout).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
  // A single executable contains Node as well.
  const isExecutable = process.env['IMPORT_TOKENS_BINARY'] !== undefined;
  expect(stdout.includes('\nNode.js is licensed for use as follows:')).toBe(isExecutable);
});
