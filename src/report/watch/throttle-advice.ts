import { partName } from '../../domain/write-capacity.ts';
import type { ThrottleCause } from '../../domain/write-result.ts';

/** What to do about a limit that refuses writes, in a few words. */
export function throttleAdvice({ limit, index }: ThrottleCause): string {
  const where = partName(index);
  switch (limit) {
    case 'capacity':
      return index === undefined
        ? 'raise its capacity (--raise-wcu, aws dynamodb update-table), or lower --wps'
        : `an index that is too small throttles the writes of its table: raise the capacity of ${where}`;
    case 'on-demand-maximum':
      return `raise MaxWriteRequestUnits of ${where} (aws dynamodb update-table --on-demand-throughput), or lower --wps`;
    case 'partition':
      return 'a partition takes 1,000 write units a second: dump the rows in another order, so that neighbours differ in their partition key';
    case 'account':
      return 'ask for more in Service Quotas (write units of all tables in the region), or lower --wps';
  }
}
