import { execFileSync } from 'node:child_process';

/** Builds once before any test, so that none runs a stale build. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
