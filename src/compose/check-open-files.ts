import { openFileLimit } from '../adapters/system/open-file-limit.ts';
import { formatCount } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';

/** Open files in addition to the connections: those of the runtime, the source, the run directory, control-plane calls. */
const otherFiles = 40;

/** Throws ImportError `usage` if this many connections cannot be open at once. */
export async function checkOpenFiles(connections: number, limit = openFileLimit()): Promise<void> {
  const allowed = await limit;
  const needed = connections + otherFiles;
  if (allowed === undefined || needed <= allowed) return;
  const fitting = allowed - otherFiles;
  const fewer = fitting < 1 ? '' : `, or pass --concurrency ${fitting}`;
  throw new ImportError(
    'usage',
    `--concurrency ${connections} needs ${formatCount(needed)} open files, and this process may have ${formatCount(allowed)}`,
    { hint: `Raise the limit with ulimit -n ${needed}${fewer}.` },
  );
}
