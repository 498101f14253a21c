-- The script that wrk runs: sends the requests of a file in turn, and prints what came of them as one line of JSON.
-- The file holds whole requests, separated by a zero byte. NNNNNNNN in one is replaced by the request's number.

local requests, count, sent = {}, 0, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for request in file:read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = { request, request:find("NNNNNNNN", 1, true) ~= nil }
  end
  file:close()
  count = #requests
end

function request()
  local entry = requests[sent % count + 1]
  sent = sent + 1
  if entry[2] then
    return (entry[1]:gsub("NNNNNNNN", string.format("%08d", sent)))
  end
  return entry[1]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p50": %.4f, "p99": %.4f, "refused": %d, "lost": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
