import type { World } from './world.ts';

export function writeFault(message: string, hint: string | undefined, world: World): void {
  world.stderr.write(`error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`);
}
