#!/usr/bin/env node
import module, { createRequire } from 'node:module';

// Since Node 22.8 a start can use the compiled code of an earlier one.
module.enableCompileCache?.();

// With `import`, Node would first search the whole bundle for export names.
createRequire(import.meta.url)('../dist/import-tokens.cjs');
