import { execFileSync } from 'node:child_process';

/** Builds once before all tests, so that no test uses a stale build. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
