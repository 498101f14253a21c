#!/bin/sh
# Starts a server for one run of tests in any language, on a free port; a file says when it is ready.
set -eu
folder=$(mktemp -d)
fakekit serve --port 0 --ready-file "$folder/ready.json" >"$folder/log" 2>&1 &
server=$!
trap 'kill $server && wait $server || true; rm -r "$folder"' EXIT
trap 'exit 1' INT TERM

XTRAKIT_BASE_URL=$(fakekit wait "$folder/ready.json") || { cat "$folder/log"; exit 1; }
export XTRAKIT_BASE_URL XTRAKIT_API_KEY=fk_ci

# Your tests run here, in any language. Without a command, a curl request runs instead:
if [ $# -eq 0 ]; then
    set -- sh -c 'curl -sSf -H "Authorization: Bearer $XTRAKIT_API_KEY" "$XTRAKIT_BASE_URL/customers/1"'
fi
"$@"
