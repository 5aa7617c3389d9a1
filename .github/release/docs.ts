import { writeFileSync } from 'node:fs';
import { referencePage } from '../../src/options/reference-page.ts';

/** Writes the page of `.github/docs` that is generated from the code. */
writeFileSync('.github/docs/options.md', referencePage());
