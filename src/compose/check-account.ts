import { ImportError } from '../domain/import-error.ts';
import { parseTableArn, type TableInfo } from '../domain/table.ts';
import type { ImportOptions } from '../options/import-options.ts';

/** Throws ImportError `wrong-account` where `--expect-account` names another than the table's. */
export function checkAccount(
  { expectAccount: expected, table: asked }: Pick<ImportOptions, 'expectAccount' | 'table'>,
  table: TableInfo | undefined,
): void {
  const account = table?.account ?? parseTableArn(asked)?.account;
  if (expected === undefined || account === expected) return;
  const found = account ?? 'not known, since the table may not be described';
  throw new ImportError('wrong-account', `--expect-account ${expected}, but the account is ${found}`, {
    hint: 'Check --profile and the credentials in the environment.',
  });
}
