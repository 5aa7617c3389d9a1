import { MemoryTokenRepository } from '../../src/adapters/memory/memory-repository.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { plainItemOf } from './plain-item.ts';
import { tokenRepositoryContract } from './token-repository-contract.ts';

tokenRepositoryContract('memory', async () => {
  const repository = new MemoryTokenRepository({ clock: new FakeClock(), latencyMs: 0, retain: true });
  return {
    repository,
    readItems: async (columns) =>
      Array.from(repository.items.values(), (item) =>
        plainItemOf(
          columns,
          columns.map(({ name }) => item.get(name)),
        ),
      ),
    stop: async () => {},
  };
});
