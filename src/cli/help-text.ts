export const examples = `Examples:
  import-tokens tokens.csv --repository memory --wps 20000
      rehearse: the same work, nothing written to DynamoDB
  import-tokens plan tokens.csv --table tokens --wps 20000
      what that would be: rows, rejects, sizes, time
  import-tokens tokens.csv --table tokens --wps 20000
      import at 20,000 write units a second
  zstd -dc tokens.csv.zst | import-tokens - --columns token,user_id --yes
      from standard input, without a header row
  import-tokens --resume import-tokens-runs/2026-01-31T02-00-00Z
      go on with a run that was stopped`;

export const planExamples = `Examples:
  import-tokens plan tokens.csv --table tokens --wps 20000
      what an import at 20,000 write units a second would be
  import-tokens plan tokens.csv --repository memory --key token --json
      without a look at the table

Nothing is written. Exit codes: 0 every row could be imported, 5 but for some,
3 an import would stop for --max-rejects, 4 for --expect-rows.`;

export const capacityHelp = `What it does to the table and its global indexes; reads stay as they are:
  show           nothing: tells write units, auto scaling, how many decreases
                 AWS still takes today, and what runs left raised
  set            sets the write units to --wcu, up or down, for all who write
                 to the table, and prints the command that undoes it
  restore DIR    puts back what that run raised and nobody has changed since
  restore --wcu  the same where the run directory is lost: lowers what is
                 above, raises nothing

On a terminal set and restore --wcu ask first. Both wait until it holds. Ctrl-C
ends the waiting, and asks AWS for nothing more, but what was asked for goes on
there: show tells where it is, and restore can be given again.

Examples:
  import-tokens capacity show --table tokens
  import-tokens capacity set --table tokens --wcu 20000 --index-wcu by-user=5000
  import-tokens capacity restore import-tokens-runs/2026-01-31T02-00-00Z
  import-tokens capacity restore --table tokens --wcu 20

Exit codes: 0 done, 2 usage, 4 refused or not confirmed, 6 it is still raised,
129, 130, 143 interrupted.`;

export const exitCodes = `Exit codes:
  0  done, every row is in         4  fatal, stalled or disk full
  1  a bug, or a broken balance    5  done, some rows rejected
  2  usage, or the wrong account   6  ended, but capacity is still raised
  3  too many rejects              129, 130, 143  interrupted, can be resumed

Durations take a unit (10ms, 2s, 5m); a bare number is milliseconds.
Credentials, region and endpoint are found as the AWS CLI finds them:
AWS_PROFILE, AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_DYNAMODB,
AWS_ENDPOINT_URL, ~/.aws/config and the rest. Keys in the environment go
before AWS_PROFILE, but not before --profile.
`;

export const verifyExamples = `Examples:
  import-tokens verify tokens.csv --table tokens
      compare 10,000 rows, drawn evenly, with the table
  import-tokens verify tokens.csv --table tokens --all --rcu 2000
      compare every row at 2,000 read units a second; what is missing or
      differs can be imported again

Exit codes:
  0  all that was compared is equal    4  fatal or stalled; can be resumed
  2  usage, or the wrong account       5  rows are missing, differ or don't fit
  129, 130, 143  interrupted; --all can be resumed
`;
