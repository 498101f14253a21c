#!/bin/sh
# A server for the length of a run, for tests in any language: a free port, and a file that says when it is ready.
set -eu
folder=$(mktemp -d)
fakekit serve --port 0 --ready-file "$folder/ready.json" >"$folder/log" 2>&1 &
server=$!
trap 'kill $server && wait $server || true; rm -r "$folder"' EXIT
trap 'exit 1' INT TERM

XTRAKIT_BASE_URL=$(fakekit wait "$folder/ready.json") || { cat "$folder/log"; exit 1; }
export XTRAKIT_BASE_URL XTRAKIT_API_KEY=fk_ci

# Here run the tests, in any language. Without any, this will do:
if [ $# -eq 0 ]; then
    set -- sh -c 'curl -sSf -H "Authorization: Bearer $XTRAKIT_API_KEY" "$XTRAKIT_BASE_URL/customers/1"'
fi
"$@"
