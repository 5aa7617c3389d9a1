import { ImportError } from '../domain/import-error.ts';
import type { TableInfo } from '../domain/table.ts';

/** Throws ImportError `wrong-account` where `--expect-account` names another than the table's. */
export function checkAccount(expected: string | undefined, table: TableInfo | undefined): void {
  if (expected === undefined || table?.account === expected) return;
  const found = table === undefined ? 'not known, since the table may not be described' : table.account;
  throw new ImportError('wrong-account', `--expect-account ${expected}, but the account is ${found}`, {
    hint: 'Check --profile and the credentials in the environment.',
  });
}
