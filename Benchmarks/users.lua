-- Each request of wrk's carries the next credential of a file with one "user:secret" in base64 a line.
local credentials = {}
for line in io.lines(os.getenv("CREDENTIALS")) do credentials[#credentials + 1] = "Basic " .. line end
local next = 0
request = function()
    next = next % #credentials + 1
    wrk.headers["Authorization"] = credentials[next]
    return wrk.format("GET")
end
