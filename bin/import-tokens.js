#!/usr/bin/env node
import '../dist/import-tokens.cjs';
