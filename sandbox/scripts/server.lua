-- A candidate's functions, called by requests on descriptor 3, or its program run as a whole. LuaJIT: its ffi reads and writes.
local ffi = require("ffi")
ffi.cdef("long read(int, void *, size_t); long write(int, const void *, size_t);")

local function read_exactly(size)
  local buffer, have = ffi.new("char[?]", size), 0
  while have < size do
    local n = tonumber(ffi.C.read(3, buffer + have, size - have))
    if n <= 0 then os.exit(0) end
    have = have + n
  end
  return ffi.string(buffer, size)
end

local function write_all(text)
  while #text > 0 do
    local n = tonumber(ffi.C.write(3, text, #text))
    if n <= 0 then os.exit(0) end
    text = text:sub(n + 1)
  end
end

local null = setmetatable({}, { __tostring = function() return "null" end })

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function parse_string(s, at)
  local out = {}
  while true do
    local stop = s:find('["\\]', at)
    out[#out + 1] = s:sub(at, stop - 1)
    if s:sub(stop, stop) == '"' then return table.concat(out), stop + 1 end
    local c = s:sub(stop + 1, stop + 1)
    at = stop + 2
    if c == "u" then
      local code = tonumber(s:sub(at, at + 3), 16)
      at = at + 4
      if code >= 0xD800 and code < 0xDC00 and s:sub(at, at + 1) == "\\u" then
        code = 0x10000 + (code - 0xD800) * 1024 + tonumber(s:sub(at + 2, at + 5), 16) - 0xDC00
        at = at + 6
      end
      out[#out + 1] = utf8(code)
    else
      out[#out + 1] = escapes[c] or c
    end
  end
end

-- JSON from the library: well-formed. null inside of arrays is a value of its own, so that positions hold; alone it is nil.
local function parse(s, at)
  at = s:find("%S", at)
  local c = s:sub(at, at)
  if c == '"' then return parse_string(s, at + 1) end
  if c == "[" or c == "{" then
    local t, n, close = {}, 0, c == "[" and "]" or "}"
    at = s:find("%S", at + 1)
    while s:sub(at, at) ~= close do
      local key, value
      if c == "{" then
        key, at = parse(s, at)
        at = s:find(":", at, true) + 1
      else
        n = n + 1
        key = n
      end
      value, at = parse(s, at)
      if value == nil then value = null end
      t[key] = value
      at = s:find("[,%]}]", at)
      if s:sub(at, at) == "," then at = s:find("%S", at + 1) end
    end
    if c == "[" then t.n = nil end
    return t, at + 1
  end
  local word = s:match("^[%w%+%-%.]+", at)
  at = at + #word
  if word == "true" then return true, at end
  if word == "false" then return false, at end
  if word == "null" then return nil, at end
  return tonumber(word), at
end

local function quote(s)
  return '"' .. s:gsub('[%c"\\\127]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

local function number(x)
  if x ~= x or x == math.huge or x == -math.huge then error("an answer that is no finite number has no JSON form", 0) end
  if x == math.floor(x) and math.abs(x) < 2 ^ 53 then return string.format("%d", x) end
  return string.format("%.17g", x)
end

local function dump(x, depth)
  local kind = type(x)
  if x == nil or x == null then return "null" end
  if kind == "boolean" then return tostring(x) end
  if kind == "number" then return number(x) end
  if kind == "string" then return quote(x) end
  if kind ~= "table" then error("an answer of type " .. kind .. " has no JSON form", 0) end
  if depth > 200 then error("an answer is nested too deeply", 0) end
  local parts, count = {}, 0
  for _ in pairs(x) do count = count + 1 end
  if count == #x then
    for i = 1, #x do parts[i] = dump(x[i], depth + 1) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for k, v in pairs(x) do parts[#parts + 1] = quote(tostring(k)) .. ":" .. dump(v, depth + 1) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function receive()
  local b1, b2, b3, b4 = read_exactly(4):byte(1, 4)
  return (parse(read_exactly(b1 + 256 * (b2 + 256 * (b3 + 256 * b4))), 1))
end

local function send(text)
  local n = #text
  write_all(string.char(n % 256, math.floor(n / 256) % 256, math.floor(n / 65536) % 256, math.floor(n / 16777216)) .. text)
end

local function fail(why)
  send('{"error":' .. quote(tostring(why):sub(1, 1000)) .. ',"type":"' ..
    (tostring(why):find("not enough memory") and "MemoryError" or "error") .. '"}')
end

local first = receive()
local chunk, why = (loadstring or load)(first.source, "=candidate")
if not chunk then
  fail(why)
  os.exit(1)
end
if first.role == "program" then
  arg = first.arguments
  local ok, reason = xpcall(function() chunk(unpack(arg)) end, function(e) return e end)
  if ok then os.exit(0) end
  fail(reason)
  io.stderr:write(tostring(reason), "\n")
  os.exit(1)
end

local ok, reason = pcall(chunk)
if not ok then
  fail(reason)
  os.exit(1)
end
local answers = type(reason) == "table" and reason or _G  -- a module that returns its functions, or global ones
send('{"value":true}')
while true do
  local request = receive()
  local count = 0
  for k in pairs(request.a) do count = math.max(count, k) end
  for k, v in pairs(request.a) do if v == null then request.a[k] = nil end end
  local done, text = pcall(function()
    local f = answers[request.f] or _G[request.f]
    if type(f) ~= "function" then error("there is no function '" .. request.f .. "'", 0) end
    return '{"value":' .. dump(f(unpack(request.a, 1, count)), 0) .. "}"
  end)
  if done then send(text) else fail(text) end
end
