#!/bin/sh
set -eu

aws batch register-job-definition --cli-input-json file://aws-batch-job.json

aws batch submit-job \
  --job-name import-tokens-2026-01-31 \
  --job-queue imports \
  --job-definition import-tokens \
  --array-properties size=4 \
  --parameters source=s3://dumps/2026-01-31/tokens.csv.gz,table=tokens,wps=160000,runDir=/runs/2026-01-31
