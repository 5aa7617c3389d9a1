import { writeFileSync } from 'node:fs';
import { referencePage } from '../../src/cli/reference-pages.ts';

/** Writes the page of `.github/docs` that is generated from the code. */
writeFileSync('.github/docs/options.md', referencePage());
