-- wrk script of bench/http.py: requests and counters.
--   wrk … -s load.lua URL -- OPERATION TOKENS CASES RUN PLACES
-- TOKENS, CASES and PLACES are files with one entry per line; the n-th token reports at the n-th place.
-- RUN makes the idempotency keys unique to this run.

local operation, run
local tokens, cases, places = {}, {}, {}
local sent = 0
statuses, refusal, exhausted = {}, "", false

local function lines(file)
   local found = {}
   for line in io.lines(file) do found[#found + 1] = line end
   return found
end

local function one_of(list) return list[(sent - 1) % #list + 1] end

local operations = {}

function operations.create()
   local report = '{"category":"event.appearance.blocked-sewer","place":{"path":"%s","lon":%.6f,"lat":%.6f,'
      .. '"address":"3号楼 %d 单元"},"text":"路面塌陷积水,影响通行 %d"}'
   local turn = sent % 10000
   return "POST", "/v1/cases", report:format(one_of(places), 106.8 + turn / 1e5, 39.6 + turn / 1e5, turn % 9, sent)
end

-- Each case can be registered once: when none is left, the run ends and reports it.
function operations.change()
   if sent >= #cases then
      exhausted = true
      wrk.thread:stop()
   end
   local case = cases[math.min(sent, #cases)]
   return "POST", "/v1/cases/" .. case .. "/register", '{"nobody":true}', run .. case
end

function operations.read() return "GET", "/v1/cases/" .. one_of(cases) end

function operations.follow()
   local case, code = one_of(cases):match("(%S+) (%S+)")
   return "POST", "/v1/follow", ('{"case":"%s","code":"%s"}'):format(case, code)
end

function operations.list() return "GET", "/v1/cases?state=REGISTERED&limit=50" end

function setup(thread) measured = thread end

function init(args)
   operation, run = operations[args[1]], args[4]
   tokens, cases, places = lines(args[2]), lines(args[3]), lines(args[5])
end

function request()
   sent = sent + 1
   local verb, path, body, key = operation()
   if operation == operations.follow then
      wrk.headers["Linli-Tenant"] = "bench"
   else
      wrk.headers["Authorization"] = "Bearer " .. one_of(tokens)
   end
   if body then
      wrk.headers["Content-Type"] = "application/json"
      wrk.headers["Idempotency-Key"] = key or (run .. sent)
   end
   return wrk.format(verb, path, nil, body)
end

function response(status, headers, body)
   statuses[status] = (statuses[status] or 0) + 1
   if status >= 300 and refusal == "" then refusal = body end
end

function done(summary, latency, requests)
   local counted = {}
   for status, count in pairs(measured:get("statuses")) do
      counted[#counted + 1] = ('"%d":%d'):format(status, count)
   end
   local errors = summary.errors
   local broken = errors.connect + errors.read + errors.write + errors.timeout
   local line = '{"seconds":%.6f,"p50":%.3f,"p95":%.3f,"p99":%.3f,"broken":%d,"exhausted":%s,"statuses":{%s}}'
   io.write("\n", line:format(
      summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
      broken, tostring(measured:get("exhausted")), table.concat(counted, ",")), "\n")
   io.write(measured:get("refusal"), "\n")
end
