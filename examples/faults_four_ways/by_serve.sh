#!/bin/sh
# 3. With `fakekit serve --fault`: every key has the fault from the start.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
fakekit serve --port 0 --ready-file "$folder/ready.json" \
    --fault fail=503,times=2,method=GET,path=customers/1 >"$folder/log" 2>&1 &
server=$!
trap 'kill $server && wait $server || true; rm -r "$folder"' EXIT
trap 'exit 1' INT TERM

XTRAKIT_BASE_URL=$(fakekit wait "$folder/ready.json") || { cat "$folder/log"; exit 1; }
export XTRAKIT_BASE_URL XTRAKIT_API_KEY=fk_by_serve

python client.py
