-- Many keys in turn: the file that KEYS names has a line for each, base64 of user:key.
local headers, index = {}, 0

function init(args)
    for line in io.lines(os.getenv("KEYS")) do
        headers[#headers + 1] = { ["Authorization"] = "Basic " .. line }
    end
end

function request()
    index = index % #headers + 1
    return wrk.format("GET", nil, headers[index])
end
