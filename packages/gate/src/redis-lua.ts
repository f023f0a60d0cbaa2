/**
 * The gate's scripts. All state of a team stands under one hash tag, packed little-endian (`struct`): strings that one MGET reads and one MSET writes cost half of what hashes do.
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
const PRELUDE = `
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

local function readHold(v, epoch)
  if not v then return nil end
  local e, expires = unpackStruct('<I4d', v)
  if e ~= epoch then return nil end
  local h = { expires = expires, amounts = { unpackStruct('<dddddd', v, 13) }, spent = { unpackStruct('<dddddd', v, 61) } }
  local pos, length
  h.ahead, pos = readCut(v, 109)
  length, pos = unpackStruct('<I4', v, pos)
  h.metrics, h.keys, h.n = {}, {}, 0
  for metric, key in string.gmatch(sub(v, pos, pos + length - 1), '(%d)([^\\n]*)\\n') do
    h.n = h.n + 1
    h.metrics[h.n], h.keys[h.n] = tonumber(metric), key
  end
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
      h.counts = not isAhead(h, slot, batch)
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
      out[#out + 1] = prefix .. 'h:' .. run
      out[#out + 1] = packHold(h, state.epoch)
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

/** Rates as `rate-limit.ts` takes them: the same arithmetic in doubles. */
const RATES = `
local SLOTS, WHOLE = 60, 1000000
local COUNTS = {}

local function takeRate(kind, limit, windowMs, burst, v, now, touched)
  if kind == 1 then
    local slotMs = ceil(windowMs / SLOTS)
    local slot = floor(now / slotMs)
    local old, oldSlot, n = nil, 0, 0
    if v and string.byte(v) == 1 then
      local pos
      oldSlot, n, pos = unpackStruct('<dB', v, 6)
      COUNTS[n] = COUNTS[n] or ('<' .. string.rep('I4', n))
      old = { unpackStruct(COUNTS[n], v, pos) }
      slot = max(slot, oldSlot)
    end
    local passed = old and slot - oldSlot or SLOTS + 1
    local counts, used, last = {}, 0, 1
    for i = 1, SLOTS + 1 do
      local c = 0
      if i > passed and i - passed <= n then c = old[i - passed] end
      counts[i] = c
      if c > 0 then last = i end
      used = used + c
    end
    if used >= limit then return nil end
    counts[1] = counts[1] + 1
    COUNTS[last] = COUNTS[last] or ('<' .. string.rep('I4', last))
    return pack('<BI4dB', 1, touched, slot, last) .. pack(COUNTS[last], unpack(counts, 1, last))
  end
  local level, at, full = burst * WHOLE, now, burst * WHOLE
  if v and string.byte(v) == 2 then
    level, at = unpackStruct('<dd', v, 6)
    local to = max(now, at)
    local passedMs = min(to - at, ceil((burst * windowMs) / limit))
    level = min(full, level + floor((passedMs * limit * WHOLE) / windowMs))
    at = to
  end
  if level < WHOLE then return nil end
  return pack('<BI4dd', 2, touched, level - WHOLE, at)
end
`;

/**
 * begin, check, extend. KEYS: s, d, h:<run>, counters, rates. ARGV: numbers as a JSON array, in the order of `begin-args.ts`. Answers one string, its first letter:
 * L lost, S holds are due (sweep, ask again), N no such open run, M missing (+ their numbers, H), A known (+ the time of its begin d, what it saw), K known but restored or of another shape, D denied,
 * P permitted (+ what was seen each). Calls three commands, an extension at most five.
 *
 * The first half is the way of nearly every begin: counters that are set, no hold of that run. It makes no table and no function that it does not need, and leaves the rest to the second.
 */
export const DECIDE = `
local sub, floor, pack, unpackStruct, call, concat = string.sub, math.floor, struct.pack, struct.unpack, redis.call, table.concat
local a = cjson.decode(ARGV[1])
local now, expires, server, mode, isDenied, nCounters, nRates, nChecks, nHolds, nModels, left, ofRuns, metricAt, reserves, shape = unpack(a, 1, 15)
local values = call('MGET', unpack(KEYS))
local ceil, min, max = math.ceil, math.min, math.max
local touched = floor(now / 60000)
${RATES}
repeat
  local v = values[1]
  if mode == 2 or not v or values[3] then break end
  local epoch, restored, kept, nextExpiry = unpackStruct('<I4Bdd', v)
  if kept ~= server or restored ~= 1 or now >= nextExpiry or nModels > 0 then break end
  local held, seen, isPlain = {}, {}, true
  local at, isAllowed = 15, isDenied == 0
  local totals = {}
  for i = 1, nCounters do
    local c = values[3 + i]
    if not c or #c ~= 26 then
      isPlain = false
      break
    end
    local e, set, used, h, t = unpackStruct('<I4BddI4', c)
    if e ~= epoch or set ~= 1 or t + 60 < touched then
      isPlain = false
      break
    end
    held[i], totals[i], seen[i] = h, used + h, sub(c, 6, 21)
  end
  if not isPlain then break end
  for i = nCounters + 1, nCounters + nRates do
    local r = values[3 + i]
    seen[i] = r and (pack('<H', #r) .. r) or '\\0\\0'
  end
  local told = concat(seen)
  for _ = 1, nChecks do
    if (totals[a[at + 1]] or 0) > a[at + 2] then isAllowed = false end
    at = at + 3
  end
  local out, n = {}, 0
  for i = 1, nRates do
    local next = isAllowed and takeRate(a[at + 1], a[at + 2], a[at + 3], a[at + 4], values[3 + nCounters + i], now, touched)
    if next then
      out[n + 1], out[n + 2] = KEYS[3 + nCounters + i], next
      n = n + 2
    else
      isAllowed = false
    end
    at = at + 4
  end
  if not isAllowed then return 'D' .. told end
  if mode == 1 then return 'P' .. told end
  local amounts = at + 3 * nHolds
  for _ = 1, nHolds do
    local i = a[at + 1]
    local h = held[i]
    -- A counter of two limits is held in once.
    if h then
      held[i] = false
      local c = values[3 + i]
      out[n + 1], out[n + 2] = KEYS[3 + i], sub(c, 1, 13) .. pack('<d', h + a[amounts + a[at + 2]]) .. sub(c, 22)
      n = n + 2
    end
    at = at + 3
  end
  local a1, a2, a3, a4, a5, a6 = unpack(a, amounts + 1, amounts + 6)
  out[n + 1], out[n + 2] = KEYS[3], pack('<I4dddddddddddddBI4', epoch, expires, a1, a2, a3, a4, a5, a6, 0, 0, 0, 0, 0, 0, 0, #reserves) .. reserves .. pack('<dd', shape, now) .. told
  n = n + 2
  if expires < nextExpiry then
    out[n + 1], out[n + 2] = KEYS[1], sub(v, 1, 13) .. pack('<d', expires) .. sub(v, 22)
  end
  call('MSET', unpack(out))
  call('ZADD', KEYS[2], expires, sub(KEYS[3], #KEYS[1] + 2))
  return 'P' .. told
until true
${PRELUDE}
local at = 15
local function num()
  at = at + 1
  return a[at]
end
local state = readState(values[1], server)
if not state then state = watch(prefix, server) end
if not state.restored then return 'L' end
if now >= state.nextExpiry then return 'S' end

local hold = mode ~= 1 and readHold(values[3], state.epoch) or nil
if mode == 2 and not hold then return 'N' end
local isKnown = mode == 0 and hold ~= nil
if isKnown and #hold.rest >= 16 and unpackStruct('<d', hold.rest) == shape then return 'A' .. sub(hold.rest, 9) end

local own = {}
if hold then
  for k = 1, hold.n do own[hold.keys[k]] = hold.metrics[k] end
end
local counters, seen, missing, out, isStale = {}, {}, {}, {}, {}
local suffixAt = #prefix + 3
for i = 1, nCounters do
  local isRuns = sub(ofRuns, i, i) == '1'
  local c = readCounter(values[3 + i], state.epoch)
  if not c then
    c = newCounter(state, isRuns)
    isStale[i] = not isRuns
  elseif isRuns then
    c.set = true
  end
  if touched > c.touched + 60 then isStale[i] = true end
  c.touched = max(c.touched, touched)
  counters[i] = c
  if not c.set then missing[#missing + 1] = pack('<H', i - 1) end
  c.seen = c.held
end
if #missing > 0 then
  for i in pairs(isStale) do
    if isStale[i] then
      out[#out + 1] = KEYS[3 + i]
      out[#out + 1] = packCounter(counters[i], state.epoch)
    end
  end
  if #out > 0 then call('MSET', unpack(out)) end
  return 'M' .. table.concat(missing)
end

-- What the run's own hold does to what is seen: an extension counts as if it stood in all windows of its new life already, who asks again does not stand in its own way.
if hold then
  for i = 1, nCounters do
    local key = sub(KEYS[3 + i], suffixAt)
    local metric = string.byte(metricAt, i) - 47
    if isKnown and own[key] then counters[i].seen = counters[i].held - remaining(hold, metric) end
    if not isKnown and not own[key] then counters[i].seen = counters[i].held + remaining(hold, metric) end
  end
end
for i = 1, nCounters do seen[i] = pack('<dd', counters[i].used, counters[i].seen) end
for i = 1, nRates do
  local v = values[3 + nCounters + i]
  seen[nCounters + i] = v and (pack('<H', #v) .. v) or '\\0\\0'
end
local told = table.concat(seen)
if isKnown then return 'K' .. told end

local isAllowed, capped = isDenied == 0, {}
for _ = 1, nChecks do
  local i, most, model = num(), num(), num()
  local c = counters[i]
  local total = c and (c.used + c.seen) or 0
  if total > most then
    if model == 0 then isAllowed = false else capped[model] = true end
  end
end
local isCapped = next(capped) ~= nil
for model = 1, nModels do
  local weight = num()
  if not capped[model] then left = left + weight end
end
if isCapped and left == 0 then isAllowed = false end
for i = 1, nRates do
  local kind, limit, windowMs, burst = num(), num(), num(), num()
  if isAllowed then
    local v = takeRate(kind, limit, windowMs, burst, values[3 + nCounters + i], now, touched)
    if v then
      out[#out + 1] = KEYS[3 + nCounters + i]
      out[#out + 1] = v
    else
      isAllowed = false
    end
  end
end
if not isAllowed or mode == 1 then
  out = {}
  for i in pairs(isStale) do
    if isStale[i] then
      out[#out + 1] = KEYS[3 + i]
      out[#out + 1] = packCounter(counters[i], state.epoch)
    end
  end
  if #out > 0 then call('MSET', unpack(out)) end
  return (isAllowed and 'P' or 'D') .. told
end

local holdsFrom = at
at = at + nHolds * 3
local amounts = {}
for metric = 1, 6 do amounts[metric] = num() end
local changed = {}
if mode == 0 then
  local kept, n = {}, 0
  at = holdsFrom
  for _ = 1, nHolds do
    local i, metric, model = num(), num(), num()
    if not changed[i] and not capped[model] then
      changed[i] = true
      counters[i].held = counters[i].held + amounts[metric]
      n = n + 1
      kept[n] = metric .. sub(KEYS[3 + i], suffixAt) .. '\\n'
    end
  end
  reserves = concat(kept)
  out[#out + 1] = KEYS[3]
  out[#out + 1] = pack('<I4d', state.epoch, expires) .. pack('<dddddd', unpack(amounts, 1, 6)) .. pack('<ddddddBI4', 0, 0, 0, 0, 0, 0, 0, #reserves) .. reserves .. pack('<dd', shape, now) .. told
else
  local before, others, numberOf = {}, {}, {}
  for i = 1, nCounters do numberOf[sub(KEYS[3 + i], suffixAt)] = i end
  for metric = 1, 6 do
    before[metric] = remaining(hold, metric)
    hold.amounts[metric] = hold.amounts[metric] + amounts[metric]
  end
  for k = 1, hold.n do
    local i, key = numberOf[hold.keys[k]], hold.keys[k]
    local delta = remaining(hold, hold.metrics[k]) - before[hold.metrics[k]]
    if i then
      counters[i].held = counters[i].held + delta
      changed[i] = true
    elseif delta ~= 0 then
      others[key] = delta
    end
  end
  at = holdsFrom
  for _ = 1, nHolds do
    local i, metric, model = num(), num(), num()
    if not changed[i] and not capped[model] and hold.amounts[metric] > 0 then
      changed[i] = true
      counters[i].held = counters[i].held + remaining(hold, metric)
      hold.n = hold.n + 1
      hold.metrics[hold.n], hold.keys[hold.n] = metric, sub(KEYS[3 + i], suffixAt)
    end
  end
  if next(others) then
    local rest = {}
    loadCounters(prefix, state, rest, others)
    for key, delta in pairs(others) do
      if rest[key] then rest[key].held = rest[key].held + delta end
    end
    writeCounters(prefix, state, rest, out)
  end
  hold.expires = max(hold.expires, expires)
  expires = hold.expires
  out[#out + 1] = KEYS[3]
  out[#out + 1] = packHold(hold, state.epoch)
end
for i = 1, nCounters do
  if changed[i] or isStale[i] then
    out[#out + 1] = KEYS[3 + i]
    out[#out + 1] = packCounter(counters[i], state.epoch)
  end
end
if expires < state.nextExpiry then
  state.nextExpiry = expires
  out[#out + 1] = KEYS[1]
  out[#out + 1] = packState(state)
end
call('MSET', unpack(out))
call('ZADD', KEYS[2], expires, sub(KEYS[3], suffixAt))
return 'P' .. told
`;

/** KEYS: s, counters. ARGV: server, slot, batch, amounts by counter, then triples of run, metric, amount. */
export const APPLY = `${PRELUDE}
local server, slot, batch = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local state = readState(call('GET', KEYS[1]), server)
if not state or batch <= (state.applied[slot] or 0) then return 0 end
state.applied[slot] = batch
local amounts, triples = {}, {}
local n = #KEYS - 1
for i = 1, n do amounts[sub(KEYS[1 + i], #prefix + 3)] = tonumber(ARGV[3 + i]) end
for i = 4 + n, #ARGV, 3 do
  local at = i - 3 - n
  triples[at], triples[at + 1], triples[at + 2] = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
end
if not state.restored then
  if call('RPUSH', prefix .. 'w', cmsgpack.pack({ slot, batch, amounts, triples })) > 1000 then
    call('DEL', KEYS[1], prefix .. 'w')
  else
    call('SET', KEYS[1], packState(state))
  end
  return 0
end
local out = { KEYS[1], packState(state) }
count(prefix, state, slot, batch, amounts, triples, out)
setAll(out)
return 1
`;

/** KEYS: s, counters. ARGV: server, 1 when no batch changes them, amounts, then the cut as slot, batch. */
export const SET = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state or not state.restored then return 0 end
local n, isFixed, cut, names = #KEYS - 1, ARGV[2] == '1', {}, {}
for i = 3 + n, #ARGV, 2 do cut[tonumber(ARGV[i])] = tonumber(ARGV[i + 1]) end
for i = 1, n do names[i] = KEYS[1 + i] end
local values, out, done = getAll(names), {}, 0
for i = 1, n do
  local amount = tonumber(ARGV[2 + i])
  local c = readCounter(values[i], state.epoch) or newCounter(state, false)
  if isFixed then
    c.set, c.used, c.ahead = true, amount, nil
    done = done + 1
  elseif not c.set then
    if covers(cut, c.since) then
      for at = 1, #c.waiting, 17 do
        local slot, batch, more = unpackStruct('<Bdd', c.waiting, at)
        if batch > (cut[slot] or 0) then amount = amount + more end
      end
      c.set, c.used, c.ahead = true, amount, aheadOf(cut, state.applied)
      done = done + 1
    end
  elseif covers(cut, state.applied) and covers(cut, c.ahead) then
    c.used, c.ahead = amount, aheadOf(cut, state.applied)
    done = done + 1
  end
  out[#out + 1] = names[i]
  out[#out + 1] = packCounter(c, state.epoch)
end
setAll(out)
return done
`;

/** KEYS: s. ARGV: server, lease, runs as JSON [{r, e, a: [6], s: [6]}]. Each becomes a hold of its own; what is held in all stays the same. Answers those that were open already, or -1 without a lease. */
export const CARVE = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state or not state.restored then return -1 end
local leaseName = prefix .. 'h:' .. ARGV[2]
local lease = readHold(call('GET', leaseName), state.epoch)
if not lease then return -1 end
local known, out = {}, {}
for _, row in ipairs(cjson.decode(ARGV[3])) do
  local name = prefix .. 'h:' .. row.r
  if readHold(call('GET', name), state.epoch) then
    known[#known + 1] = row.r
  else
    local h = { expires = row.e, amounts = row.a, spent = row.s, n = 0, metrics = {}, keys = {}, rest = '' }
    for k = 1, lease.n do
      local metric = lease.metrics[k]
      if row.a[metric] > 0 then
        h.n = h.n + 1
        h.metrics[h.n], h.keys[h.n] = metric, lease.keys[k]
      end
    end
    for metric = 1, 6 do
      lease.amounts[metric] = lease.amounts[metric] - row.a[metric]
      -- What it spent above its own part came out of the lease, and stays there.
      lease.spent[metric] = lease.spent[metric] - min(row.s[metric], row.a[metric])
    end
    out[#out + 1] = name
    out[#out + 1] = packHold(h, state.epoch)
    call('ZADD', prefix .. 'd', row.e, row.r)
    state.nextExpiry = min(state.nextExpiry, row.e)
  end
end
out[#out + 1] = leaseName
out[#out + 1] = packHold(lease, state.epoch)
out[#out + 1] = KEYS[1]
out[#out + 1] = packState(state)
setAll(out)
return known
`;

/** KEYS: s. ARGV: server, run. */
export const RELEASE = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state or not state.restored then return 0 end
local out = {}
local ended = endHolds(prefix, state, { ARGV[2] }, out)
setAll(out)
return #ended
`;

/** KEYS: s. ARGV: server, now. Answers when the next one is due ('' for none), then the runs that ended. A hold that is gone although it is listed was evicted: then the team is lost. */
export const SWEEP = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state or not state.restored then return { '' } end
local due = call('ZRANGEBYSCORE', prefix .. 'd', '-inf', ARGV[2], 'LIMIT', 0, 500)
local out = {}
local ended = endHolds(prefix, state, due, out)
setAll(out)
if #ended < #due then
  call('DEL', KEYS[1])
  return { '', unpack(ended) }
end
local first = call('ZRANGE', prefix .. 'd', 0, 0, 'WITHSCORES')
state.nextExpiry = first[2] and tonumber(first[2]) or NEVER
call('SET', KEYS[1], packState(state))
return { first[2] or '', unpack(ended) }
`;

/** KEYS: s. ARGV: server, holds as JSON [{r, e, k: [[metric, key]], a: [6], s: [6]}], the loss (-1: late holds of a restored team), then the cut as slot, batch. Answers 0 when nobody watched the team before. */
export const RESTORE = `${PRELUDE}
local server = tonumber(ARGV[1])
local state = readState(call('GET', KEYS[1]), server)
if not state then
  watch(prefix, server)
  return 0
end
local loss = tonumber(ARGV[3])
if loss >= 0 and loss ~= state.epoch then return 0 end
if loss >= 0 and state.restored then return 1 end
local cut, told = {}, {}
for i = 4, #ARGV, 2 do cut[tonumber(ARGV[i])] = tonumber(ARGV[i + 1]) end
if not state.restored then
  told = call('LRANGE', prefix .. 'w', 0, -1)
  call('DEL', prefix .. 'w')
  for slot, batch in pairs(cut) do state.applied[slot] = max(state.applied[slot] or 0, batch) end
end
local counters = {}
for _, row in ipairs(cjson.decode(ARGV[2])) do
  local name = prefix .. 'h:' .. row.r
  if not readHold(call('GET', name), state.epoch) then
    local h = { expires = row.e, amounts = row.a, spent = row.s, ahead = aheadOf(cut, state.applied), n = #row.k, metrics = {}, keys = {}, rest = '' }
    local wanted = {}
    for i, reserve in ipairs(row.k) do
      h.metrics[i], h.keys[i] = reserve[1], reserve[2]
      wanted[reserve[2]] = true
    end
    loadCounters(prefix, state, counters, wanted)
    for i = 1, h.n do
      local c = counters[h.keys[i]] or newCounter(state, h.metrics[i] == 5)
      c.held = c.held + remaining(h, h.metrics[i])
      counters[h.keys[i]] = c
    end
    call('SET', name, packHold(h, state.epoch))
    call('ZADD', prefix .. 'd', h.expires, row.r)
    state.nextExpiry = min(state.nextExpiry, h.expires)
  end
end
state.restored = true
local out = { KEYS[1], packState(state) }
writeCounters(prefix, state, counters, out)
setAll(out)
for _, each in ipairs(told) do
  local batch = cmsgpack.unpack(each)
  if batch[2] > (cut[batch[1]] or 0) then
    local more = {}
    count(prefix, state, batch[1], batch[2], batch[3], batch[4], more)
    setAll(more)
  end
end
return 1
`;

/** KEYS: s. ARGV: server. Answers -1 when restored; else the number of the loss, and the team is watched from now on. */
export const WATCH = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state then state = watch(prefix, tonumber(ARGV[1])) end
return state.restored and -1 or state.epoch
`;

/** KEYS: s. ARGV: server. Answers the cut (packed) and up to when it is attended. */
export const FED_TO = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state then return { '\\0', -1 } end
return { packCut(state.applied), state.attended }
`;

/** KEYS: s. ARGV: server, ms. */
export const ATTEND = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state then return 0 end
state.attended = max(state.attended, tonumber(ARGV[2]))
call('SET', KEYS[1], packState(state))
return 1
`;

/** KEYS: s. ARGV: server. Answers run, hold, run, hold, ... */
export const HOLDS = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state or not state.restored then return {} end
local runs, names, found = call('ZRANGE', prefix .. 'd', 0, -1), {}, {}
for i, run in ipairs(runs) do names[i] = prefix .. 'h:' .. run end
local values = getAll(names)
for i, run in ipairs(runs) do
  if readHold(values[i], state.epoch) then
    found[#found + 1] = run
    found[#found + 1] = values[i]
  end
end
return found
`;

/** KEYS: s, a key. ARGV: minute before which a key that was last touched is idle, and how many minutes that is ago. Removes it when nothing is held in it; what was set and not asked for yet is as if asked for now. */
export const FORGET = `${PRELUDE}
local v = call('GET', KEYS[2])
if not v then return 0 end
local kind, idle = sub(KEYS[2], #prefix + 1, #prefix + 1), tonumber(ARGV[1])
if kind == 'c' then
  local _, _, _, held, touched = unpackStruct('<I4BddI4', v)
  local state = call('GET', KEYS[1])
  local isOld = not state or unpackStruct('<I4', state) ~= unpackStruct('<I4', v)
  if not isOld and held ~= 0 or touched >= idle then return 0 end
  if not isOld and touched == 0 then
    call('SET', KEYS[2], sub(v, 1, 21) .. pack('<I4', idle + tonumber(ARGV[2])) .. sub(v, 26))
    return 0
  end
elseif kind == 'r' then
  if unpackStruct('<I4', v, 2) >= idle then return 0 end
elseif kind == 'h' then
  local _, expires = unpackStruct('<I4d', v)
  if expires >= idle * 60000 then return 0 end
else
  return 0
end
return call('DEL', KEYS[2])
`;
