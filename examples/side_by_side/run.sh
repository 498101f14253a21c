#!/bin/sh
# Runs the three suites at the same time, on one server that this script starts. Exits with 1 if one of them failed.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
fakekit serve --port 0 --ready-file "$folder/ready.json" >"$folder/log" 2>&1 &
server=$!
trap 'kill $server && wait $server || true; rm -r "$folder"' EXIT
trap 'exit 1' INT TERM

base_url=$(fakekit wait "$folder/ready.json") || { cat "$folder/log"; exit 1; }
export FAKEKIT_URL="${base_url%/api/v1}"

python -m pytest -q python --fakekit-url "$FAKEKIT_URL" >"$folder/python" 2>&1 &
python=$!
node --test node/customers.test.mjs >"$folder/node" 2>&1 &
node=$!
php php/test_customers.php >"$folder/php" 2>&1 &
php=$!

failed=0
for suite in python node php; do
    eval "number=\$$suite"
    if wait "$number"; then
        echo "$suite passed"
    else
        failed=1
        echo "$suite failed:"
        cat "$folder/$suite"
    fi
done
exit $failed
