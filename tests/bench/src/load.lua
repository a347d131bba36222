-- The load: many different visitors, pages and sites, each event with a number of its own.
-- Requests are put together once; what is left for each is the number.

local agents = {
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 YaBrowser/25.10.0.0 Safari/537.36",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:%d.0) Gecko/20100101 Firefox/%d.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36 Edg/140.0.0.0",
}

local referrers = {
  "https://yandex.ru/", "https://www.google.com/", "https://vk.com/", "https://dzen.ru/a/x", "https://t.me/",
}

local first, second = {}, {}
local everybody_new = os.getenv("BENCH_EVERYBODY_NEW") == "1"
local sites, each = tonumber(os.getenv("BENCH_SITES")), tonumber(os.getenv("BENCH_REQUESTS"))
-- Numbers of events begin where the last turn's can't have come.
local n = tonumber(os.getenv("BENCH_TURN")) * 1e9

local function body(i)
  local site, page = i % sites, i % 997
  local url = ("https://site%d.test/catalogue/part-%d/item-%d?utm_source=mail&utm_campaign=spring"):format(site, page % 31, page)
  local event
  if i % 8 == 7 then
    event = ('"n":"Order","i":true,"p":{"plan":"%s"},"$":{"amount":"%d.50","currency":"RUB"}'):format(i % 2 == 0 and "basic" or "pro", i % 5000)
  else
    event = ('"n":"pageview","r":"%s"'):format(referrers[i % #referrers + 1])
  end
  return ('{%s,"d":"site%d.test","u":"%s","pv":"%d","x":"'):format(event, site, url, i)
end

function init(arguments)
  for i = 1, each do
    local version = 120 + i % 20
    local agent = agents[i % #agents + 1]:format(version, version)
    local head = body(i)
    local length = #head + 12 + #'"}'
    first[i] = table.concat({
      "POST /api/event HTTP/1.1\r\nHost: stats.example.test\r\nContent-Type: text/plain\r\nUser-Agent: ", agent,
      "\r\nAccept: */*\r\nAccept-Language: ru-RU,ru;q=0.9,en;q=0.8\r\nAccept-Encoding: gzip, deflate, br",
      "\r\nOrigin: https://site", i % sites, ".test\r\nReferer: https://site", i % sites, ".test/",
      "\r\nX-Forwarded-For: ",
    })
    local address = ("%d.%d.%d.%d"):format(1 + i % 223, math.floor(i / 223) % 256, i * 7 % 256, i % 254 + 1)
    second[i] = table.concat({"\r\nContent-Length: ", length, "\r\n\r\n", head})
    if not everybody_new then
      first[i] = first[i] .. address .. second[i]
    end
  end
end

function request()
  n = n + 1
  local i = n % each + 1
  if everybody_new then
    -- A network of its own for each: the collector keeps 48 bits of it.
    local address = ("2a%02x:%04x:%04x::1"):format(n / 2^32 % 256, n / 2^16 % 2^16, n % 2^16)
    return first[i] .. address .. second[i] .. ("%012d"):format(n) .. '"}'
  end
  return first[i] .. ("%012d"):format(n) .. '"}'
end

-- How long a connection rests before each request, in milliseconds: between nothing and twice
-- the pause, so that a thousand connections do not march in step.
local pause = tonumber(os.getenv("BENCH_PAUSE"))
if pause > 0 then
  function delay()
    return math.random(0, 2 * pause)
  end
end

-- One line of JSON, all numbers as wrk counts them; times in microseconds.
function done(summary, latency, requests)
  io.write(("{\"responses\":%d,\"micros\":%d,\"refused\":%d,\"broken\":%d,\"p50\":%d,\"p99\":%d}\n"):format(
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
