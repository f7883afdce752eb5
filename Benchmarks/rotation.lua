-- Many keys in turn: the file that KEYS names has a line for each, base64 of user:key. The requests are made before the load begins: making
-- them would cost more for many keys than for one, and be taken for the server's work.
local requests, index = {}, 0

function init(args)
    for line in io.lines(os.getenv("KEYS")) do
        requests[#requests + 1] = wrk.format("GET", nil, { ["Host"] = "127.0.0.1", ["Authorization"] = "Basic " .. line })
    end
end

function request()
    index = index % #requests + 1
    return requests[index]
end
