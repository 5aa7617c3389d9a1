#!/usr/bin/env node
import module, { createRequire } from 'node:module';

// From Node 22.8 on a later start takes the compiled code of an earlier one.
module.enableCompileCache?.();

// `import` would have Node search the whole bundle for export names first.
createRequire(import.meta.url)('../dist/import-tokens.cjs');
