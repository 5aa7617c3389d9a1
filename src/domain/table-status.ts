import { ImportError } from './import-error.ts';
import type { TableInfo } from './table.ts';

/** The fault of a table that takes no writes for what it is, with the way out. */
export function notReady({ name, status }: Pick<TableInfo, 'name' | 'status'>, hint?: string): ImportError {
  return new ImportError('table-not-ready', `table ${name} is ${status}`, {
    hint: waysOut[status]?.(name) ?? hint ?? 'Wait until it is ACTIVE.',
  });
}

const waysOut: Readonly<Record<string, (name: string) => string>> = {
  INACCESSIBLE_ENCRYPTION_CREDENTIALS: () =>
    'Enable the KMS key that encrypts it, and let DynamoDB use it: the table is ACTIVE again soon after, and archived within seven days if not.',
  ARCHIVING: (name) => archived(name),
  ARCHIVED: (name) => archived(name),
  DELETING: () => 'Check --table: this one is being deleted.',
};

/** An archived table never comes back by itself: its items are in a backup that DynamoDB made. */
function archived(name: string): string {
  return `Restore the backup that DynamoDB made of it into a new table, and import into that: aws dynamodb list-backups --table-name ${name} --backup-type ALL`;
}
