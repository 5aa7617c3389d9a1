import { jsonText } from '../domain/json-text.ts';
import type { Invocation } from './commands.ts';
import type { Compositions } from './compositions.ts';
import { askToGoOn } from './confirm.ts';
import { isAbort, signalExitCode, stopOnSignal } from './stop-signal.ts';
import type { World } from './world.ts';
import { writeFault } from './write-fault.ts';

export async function runCapacity(
  { options }: Invocation,
  world: World,
  { capacity: load }: Compositions,
): Promise<number> {
  // The SDK takes a profile's endpoint_url only from the profile that the environment names.
  if (options.profile !== undefined) world.setEnv('AWS_PROFILE', options.profile);
  const { composeCapacity } = await load();
  const tell = (text: string) => {
    if (!options.quiet) world.stderr.write(`${text}\n`);
  };
  const warn = (text: string) => world.stderr.write(`${text}\n`);
  let asking = false;
  const meanwhile = () => (asking ? undefined : 'what was asked for goes on at AWS');
  const stop = stopOnSignal(world, { meanwhile, warn, close: () => {} });
  const asks = world.stdin.isTerminal && world.stderr.isTerminal && !options.yes;
  try {
    const report = await composeCapacity(options, {
      ...{ env: world.env, cwd: world.cwd, pid: world.pid, signal: stop.signal, warn, tell },
      async confirm(text) {
        if (asks) warn(text);
        else tell(text);
        if (!asks) return true;
        asking = true;
        const confirmed = await askToGoOn('Go on?', world, stop.signal);
        asking = false;
        return confirmed;
      },
    });
    const [{ capacityText }, { capacityEndingText }] = await Promise.all([
      import('../report/capacity-state.ts'),
      import('../report/capacity-ending.ts'),
    ]);
    const text = capacityText(report) + capacityEndingText(report.capacity);
    world.stdout.write(options.json ? jsonText(report) : text);
    return report.exitCode;
  } catch (error) {
    if (!isAbort(error, stop.signal)) throw error;
    writeFault(`stopped by ${stop.signal.reason}`, 'look where it is with import-tokens capacity show', world);
    return signalExitCode(stop.signal);
  } finally {
    stop.unlisten();
  }
}
