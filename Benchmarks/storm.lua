-- Ever new wrong passwords for one user, each from another address of a botnet.
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(text)
    local out = {}
    for i = 1, #text, 3 do
        local a, b, c = text:byte(i, i + 2)
        local n = a * 65536 + (b or 0) * 256 + (c or 0)
        for j = 0, 3 do
            if (j == 2 and not b) or (j == 3 and not c) then
                out[#out + 1] = "="
            else
                local index = math.floor(n / 64 ^ (3 - j)) % 64 + 1
                out[#out + 1] = alphabet:sub(index, index)
            end
        end
    end
    return table.concat(out)
end
local user, count = os.getenv("STORM_USER"), 0
math.randomseed(os.time())
request = function()
    count = count + 1
    wrk.headers["Authorization"] = "Basic " .. base64(user .. ":wrong" .. count .. math.random(1e9))
    wrk.headers["X-Forwarded-For"] = ("%d.%d.%d.%d"):format(math.random(1, 223), math.random(0, 255), math.random(0, 255), math.random(1, 254))
    return wrk.format("GET")
end
