#!/usr/bin/env node
import { createRequire } from 'node:module';

// `import` would have Node search the whole bundle for export names first.
createRequire(import.meta.url)('../dist/import-tokens.cjs');
