/**
 * What the gate's scripts share. All state of a team stands under one hash tag, packed little-endian (`struct`): strings that one MGET reads and one MSET writes cost half of what hashes do.
 *
 *   s        state: epoch I4, restored B, server d, next expiry d, attended d (-1: nobody has), cut. Values of another epoch are of before a loss, and count as absent.
 *   d        sorted set: open holds by their expiry
 *   w        list: batches told between `lost` and `restore` (cmsgpack)
 *   c:<key>  counter: epoch I4, is set B, used d, held d, touched I4 (minutes), ahead cut; when not set: since cut, then waiting batches of B slot, d batch, d amount
 *   r:<key>  rate: kind B, touched I4, then slot d, n B, n counts I4 | level d, at d
 *   h:<run>  hold: epoch I4, expires d, amounts 6d, spent 6d, ahead cut, length I4 of the reserves, they as text (metric, key, newline), then for a begin the shape d of what it looked at, its time d, and what it saw
 *   A cut is n B, n times (slot B, batch d). Metrics are numbered as in METRICS.
 *
 * The rule itself stands in `decide.ts`. A script answers whether it held or not and what it saw; the caller decides the same again from that, and it must come out alike.
 */
export const PRELUDE = `
local NEVER = 9007199254740991
local floor, ceil, min, max, sub = math.floor, math.ceil, math.min, math.max, string.sub
local pack, unpackStruct = struct.pack, struct.unpack
local call = redis.call

local function readCut(v, pos)
  local n
  n, pos = unpackStruct('B', v, pos)
  if n == 0 then return nil, pos end
  local cut = {}
  for _ = 1, n do
    local slot, batch
    slot, batch, pos = unpackStruct('<Bd', v, pos)
    cut[slot] = batch
  end
  return cut, pos
end

local function packCut(cut)
  local n, out = 0, {}
  if cut then
    for slot, batch in pairs(cut) do
      n = n + 1
      out[n] = pack('<Bd', slot, batch)
    end
  end
  return pack('B', n) .. table.concat(out)
end

-- nil: absent, or of a server that is not the one which runs now.
local function readState(v, server)
  if not v then return nil end
  local epoch, restored, kept, nextExpiry, attended, pos = unpackStruct('<I4Bddd', v)
  if kept ~= server then return nil end
  return { epoch = epoch, restored = restored == 1, server = kept, nextExpiry = nextExpiry, attended = attended, applied = (readCut(v, pos)) or {} }
end

local function packState(s)
  return pack('<I4Bddd', s.epoch, s.restored and 1 or 0, s.server, s.nextExpiry, s.attended) .. packCut(s.applied)
end

-- From here on the team is watched: batches that are told wait for the one who restores.
local function watch(prefix, server)
  if redis.replicate_commands then redis.replicate_commands() end
  local time = call('TIME')
  local s = { epoch = (tonumber(time[1]) * 1000003 + tonumber(time[2])) % 4294967291, restored = false, server = server, nextExpiry = NEVER, attended = -1, applied = {} }
  call('DEL', prefix .. 'd', prefix .. 'w')
  call('SET', prefix .. 's', packState(s))
  return s
end

local function readCounter(v, epoch)
  if not v then return nil end
  local e, set, used, held, touched, pos = unpackStruct('<I4BddI4', v)
  if e ~= epoch then return nil end
  local c = { set = set == 1, used = used, held = held, touched = touched }
  if c.set and #v == pos then
    if string.byte(v, pos) ~= 0 then c.ahead = readCut(v, pos) end
    return c
  end
  c.ahead, pos = readCut(v, pos)
  if not c.set then
    c.since, pos = readCut(v, pos)
    c.waiting = sub(v, pos)
  end
  return c
end

local function packCounter(c, epoch)
  if c.set and not c.ahead then return pack('<I4BddI4B', epoch, 1, c.used, c.held, c.touched, 0) end
  local head = pack('<I4BddI4', epoch, c.set and 1 or 0, c.used, c.held, c.touched) .. packCut(c.ahead)
  if c.set then return head end
  return head .. packCut(c.since) .. c.waiting
end

local function newCounter(state, isRuns)
  if isRuns then return { set = true, used = 0, held = 0, touched = 0 } end
  return { set = false, used = 0, held = 0, touched = 0, since = state.applied, waiting = '' }
end

-- Runs of one customer reserve in the same counters: their text is read once a script.
local parsed = {}
local function parseReserves(text)
  local known = parsed[text]
  if known then return known end
  known = { metrics = {}, keys = {}, n = 0 }
  for metric, key in string.gmatch(text, '(%d)([^\\n]*)\\n') do
    known.n = known.n + 1
    known.metrics[known.n], known.keys[known.n] = tonumber(metric), key
  end
  parsed[text] = known
  return known
end

local function readHold(v, epoch)
  if not v then return nil end
  local e, expires = unpackStruct('<I4d', v)
  if e ~= epoch then return nil end
  local h = { expires = expires, amounts = { unpackStruct('<dddddd', v, 13) }, spent = { unpackStruct('<dddddd', v, 61) } }
  local pos, length
  h.ahead, pos = readCut(v, 109)
  length, pos = unpackStruct('<I4', v, pos)
  local reserves = parseReserves(sub(v, pos, pos + length - 1))
  h.metrics, h.keys, h.n = reserves.metrics, reserves.keys, reserves.n
  pos = pos + length
  h.rest = sub(v, pos)
  return h
end

local function packHold(h, epoch)
  local reserves = {}
  for i = 1, h.n do reserves[i] = h.metrics[i] .. h.keys[i] .. '\\n' end
  local text = table.concat(reserves)
  return pack('<I4d', epoch, h.expires) .. pack('<dddddd', unpack(h.amounts, 1, 6)) .. pack('<dddddd', unpack(h.spent, 1, 6)) .. packCut(h.ahead) .. pack('<I4', #text) .. text .. h.rest
end

-- The hold after more was spent; all else as it was.
local function packSpent(h, v)
  return sub(v, 1, 60) .. pack('<dddddd', unpack(h.spent, 1, 6)) .. sub(v, 109)
end

local function remaining(h, metric)
  return max(h.amounts[metric] - h.spent[metric], 0)
end

-- MGET and MSET in parts: Lua's stack is small.
local function getAll(keys)
  local n = #keys
  if n == 0 then return {} end
  if n <= 1000 then return call('MGET', unpack(keys)) end
  local all = {}
  for from = 1, n, 1000 do
    local part = call('MGET', unpack(keys, from, min(from + 999, n)))
    for i = 1, #part do all[from + i - 1] = part[i] end
  end
  return all
end

local function setAll(pairsList)
  for from = 1, #pairsList, 2000 do call('MSET', unpack(pairsList, from, min(from + 1999, #pairsList))) end
end

-- Counters of a script that touches many of them: read together, written together.
local function loadCounters(prefix, state, into, keys)
  local names, wanted = {}, {}
  for key in pairs(keys) do
    if not into[key] then
      wanted[#wanted + 1] = key
      names[#names + 1] = prefix .. 'c:' .. key
    end
  end
  local values = getAll(names)
  for i, key in ipairs(wanted) do into[key] = readCounter(values[i], state.epoch) end
end

local function writeCounters(prefix, state, counters, out)
  for key, c in pairs(counters) do
    out[#out + 1] = prefix .. 'c:' .. key
    out[#out + 1] = packCounter(c, state.epoch)
  end
end

-- Is the batch in the sum already? A cut that has been reached is forgotten.
local function isAhead(thing, slot, batch)
  local reached = thing.ahead and thing.ahead[slot]
  if not reached then return false end
  if batch >= reached then
    thing.ahead[slot] = nil
    if not next(thing.ahead) then thing.ahead = nil end
  end
  return batch <= reached
end

local function covers(cut, other)
  if other then
    for slot, batch in pairs(other) do
      if (cut[slot] or 0) < batch then return false end
    end
  end
  return true
end

local function aheadOf(cut, applied)
  local ahead
  for slot, batch in pairs(cut) do
    if batch > (applied[slot] or 0) then
      ahead = ahead or {}
      ahead[slot] = batch
    end
  end
  return ahead
end

-- The effect of one batch: amounts by counter, and triples of run, metric, amount.
local function count(prefix, state, slot, batch, amounts, triples, out)
  local counters, holds = {}, {}
  loadCounters(prefix, state, counters, amounts)
  for key, amount in pairs(amounts) do
    local c = counters[key]
    if c and not isAhead(c, slot, batch) then
      if c.set then
        c.used = c.used + amount
      elseif #c.waiting >= 17 * 1000 then
        c.waiting, c.since = '', state.applied
      else
        c.waiting = c.waiting .. pack('<Bdd', slot, batch, amount)
      end
    end
  end
  local runs, names = {}, {}
  for i = 1, #triples, 3 do
    if not holds[triples[i]] then
      holds[triples[i]] = true
      runs[#runs + 1] = triples[i]
      names[#names + 1] = prefix .. 'h:' .. triples[i]
    end
  end
  local values, wanted = getAll(names), {}
  for i, run in ipairs(runs) do
    local h = readHold(values[i], state.epoch)
    if h then
      local hadCut = h.ahead ~= nil
      h.counts = not isAhead(h, slot, batch)
      if not hadCut then h.raw = values[i] end
      h.before = {}
      for metric = 1, 6 do h.before[metric] = remaining(h, metric) end
      for k = 1, h.n do wanted[h.keys[k]] = true end
    end
    holds[run] = h
  end
  loadCounters(prefix, state, counters, wanted)
  for i = 1, #triples, 3 do
    local h = holds[triples[i]]
    if h and h.counts then h.spent[triples[i + 1]] = h.spent[triples[i + 1]] + triples[i + 2] end
  end
  for _, run in ipairs(runs) do
    local h = holds[run]
    if h then
      if h.counts then
        for k = 1, h.n do
          local c = counters[h.keys[k]]
          if c then c.held = c.held - h.before[h.metrics[k]] + remaining(h, h.metrics[k]) end
        end
      end
      if h.counts or not h.raw then
        out[#out + 1] = prefix .. 'h:' .. run
        out[#out + 1] = h.raw and packSpent(h, h.raw) or packHold(h, state.epoch)
      end
    end
  end
  writeCounters(prefix, state, counters, out)
end

-- Takes what these holds reserve out of their counters, and forgets them.
local function endHolds(prefix, state, runs, out)
  local names, deltas, ended = {}, {}, {}
  for i, run in ipairs(runs) do names[i] = prefix .. 'h:' .. run end
  local values = getAll(names)
  for i, run in ipairs(runs) do
    local h = readHold(values[i], state.epoch)
    if h then
      ended[#ended + 1] = run
      for k = 1, h.n do deltas[h.keys[k]] = (deltas[h.keys[k]] or 0) + remaining(h, h.metrics[k]) end
    end
  end
  local counters = {}
  loadCounters(prefix, state, counters, deltas)
  for key, delta in pairs(deltas) do
    if counters[key] then counters[key].held = counters[key].held - delta end
  end
  writeCounters(prefix, state, counters, out)
  for from = 1, #names, 1000 do
    call('UNLINK', unpack(names, from, min(from + 999, #names)))
    call('ZREM', prefix .. 'd', unpack(runs, from, min(from + 999, #runs)))
  end
  return ended
end

local prefix = sub(KEYS[1], 1, -2)
`;
