/** The script of begin, check and extend. The layout of the state stands in `redis-lua-state.ts`. */
import { PRELUDE } from './redis-lua-state';

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
 * begin, check, extend. KEYS: s, h:<run>, counters, rates, d. ARGV: numbers as doubles in the order of `begin-args.ts`, the metric of each counter as a digit, what is reserved as text. Answers one
 * string, its first letter:
 * L lost, S holds are due (sweep, ask again), N no such open run, M missing (+ their numbers, H), A known (+ the time of its begin d, what it saw), K known but restored or of another shape, D denied,
 * P permitted (+ what was seen each). Calls three commands, an extension at most five.
 *
 * The first half is the way of nearly every begin: counters that are set, no hold of that run. It makes no table, string or function that it does not need, and leaves the rest to the second.
 */
export const DECIDE = `
local sub, rep, floor, pack, unpackStruct, call = string.sub, string.rep, math.floor, struct.pack, struct.unpack, redis.call
local a = { unpackStruct('<' .. rep('d', #ARGV[1] / 8), ARGV[1]) }
local now, expires, server, mode, isDenied, nCounters, nRates, nChecks, nHolds, nModels, left, shape = unpack(a, 1, 12)
local metricAt, reserves, last = ARGV[2], ARGV[3], #KEYS
local values = call('MGET', unpack(KEYS, 1, last - 1))
local ceil, min, max, concat = math.ceil, math.min, math.max, table.concat
local touched = floor(now / 60000)
${RATES}
repeat
  local v = values[1]
  if mode == 2 or not v or values[2] then break end
  local epoch, restored, kept, nextExpiry = unpackStruct('<I4Bdd', v)
  if kept ~= server or restored ~= 1 or now >= nextExpiry or nModels > 0 then break end
  -- What was used and what is held, of each counter in turn.
  local figures, isPlain = {}, true
  for i = 1, nCounters do
    local c = values[2 + i]
    if not c or #c ~= 26 then
      isPlain = false
      break
    end
    local e, set, used, held, t = unpackStruct('<I4BddI4', c)
    if e ~= epoch or set ~= 1 or t + 60 < touched then
      isPlain = false
      break
    end
    figures[2 * i - 1], figures[2 * i] = used, held
  end
  if not isPlain then break end
  local told = pack('<' .. rep('d', 2 * nCounters), unpack(figures))
  for i = nCounters + 1, nCounters + nRates do
    local r = values[2 + i]
    told = told .. (r and (pack('<H', #r) .. r) or '\\0\\0')
  end
  local at, isAllowed = 12, isDenied == 0
  for _ = 1, nChecks do
    local i = a[at + 1]
    if (i > 0 and figures[2 * i - 1] + figures[2 * i] or 0) > a[at + 2] then isAllowed = false end
    at = at + 3
  end
  local out, n = {}, 0
  for i = 1, nRates do
    local next = isAllowed and takeRate(a[at + 1], a[at + 2], a[at + 3], a[at + 4], values[2 + nCounters + i], now, touched)
    if next then
      out[n + 1], out[n + 2] = KEYS[2 + nCounters + i], next
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
    local held = figures[2 * i]
    -- A counter of two limits is held in once.
    if held then
      figures[2 * i] = false
      out[n + 1], out[n + 2] = KEYS[2 + i], pack('<I4BddI4B', epoch, 1, figures[2 * i - 1], held + a[amounts + a[at + 2]], touched, 0)
      n = n + 2
    end
    at = at + 3
  end
  local a1, a2, a3, a4, a5, a6 = unpack(a, amounts + 1, amounts + 6)
  out[n + 1], out[n + 2] = KEYS[2], pack('<I4dddddddddddddBI4', epoch, expires, a1, a2, a3, a4, a5, a6, 0, 0, 0, 0, 0, 0, 0, #reserves) .. reserves .. pack('<dd', shape, now) .. told
  n = n + 2
  if expires < nextExpiry then
    out[n + 1], out[n + 2] = KEYS[1], sub(v, 1, 13) .. pack('<d', expires) .. sub(v, 22)
  end
  call('MSET', unpack(out))
  call('ZADD', KEYS[last], expires, sub(KEYS[2], #KEYS[1] + 2))
  return 'P' .. told
until true
${PRELUDE}
local at = 12
local function num()
  at = at + 1
  return a[at]
end
local state = readState(values[1], server)
if not state then state = watch(prefix, server) end
if not state.restored then return 'L' end
if now >= state.nextExpiry then return 'S' end

local hold = mode ~= 1 and readHold(values[2], state.epoch) or nil
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
  local isRuns = sub(metricAt, i, i) == '4'
  local c = readCounter(values[2 + i], state.epoch)
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
      out[#out + 1] = KEYS[2 + i]
      out[#out + 1] = packCounter(counters[i], state.epoch)
    end
  end
  if #out > 0 then call('MSET', unpack(out)) end
  return 'M' .. table.concat(missing)
end

-- What the run's own hold does to what is seen: an extension counts as if it stood in all windows of its new life already, who asks again does not stand in its own way.
if hold then
  for i = 1, nCounters do
    local key = sub(KEYS[2 + i], suffixAt)
    local metric = string.byte(metricAt, i) - 47
    if isKnown and own[key] then counters[i].seen = counters[i].held - remaining(hold, metric) end
    if not isKnown and not own[key] then counters[i].seen = counters[i].held + remaining(hold, metric) end
  end
end
for i = 1, nCounters do seen[i] = pack('<dd', counters[i].used, counters[i].seen) end
for i = 1, nRates do
  local v = values[2 + nCounters + i]
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
    local v = takeRate(kind, limit, windowMs, burst, values[2 + nCounters + i], now, touched)
    if v then
      out[#out + 1] = KEYS[2 + nCounters + i]
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
      out[#out + 1] = KEYS[2 + i]
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
      kept[n] = metric .. sub(KEYS[2 + i], suffixAt) .. '\\n'
    end
  end
  reserves = concat(kept)
  out[#out + 1] = KEYS[2]
  out[#out + 1] = pack('<I4d', state.epoch, expires) .. pack('<dddddd', unpack(amounts, 1, 6)) .. pack('<ddddddBI4', 0, 0, 0, 0, 0, 0, 0, #reserves) .. reserves .. pack('<dd', shape, now) .. told
else
  local before, others, numberOf = {}, {}, {}
  for i = 1, nCounters do numberOf[sub(KEYS[2 + i], suffixAt)] = i end
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
      hold.metrics[hold.n], hold.keys[hold.n] = metric, sub(KEYS[2 + i], suffixAt)
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
  out[#out + 1] = KEYS[2]
  out[#out + 1] = packHold(hold, state.epoch)
end
for i = 1, nCounters do
  if changed[i] or isStale[i] then
    out[#out + 1] = KEYS[2 + i]
    out[#out + 1] = packCounter(counters[i], state.epoch)
  end
end
if expires < state.nextExpiry then
  state.nextExpiry = expires
  out[#out + 1] = KEYS[1]
  out[#out + 1] = packState(state)
end
call('MSET', unpack(out))
call('ZADD', KEYS[last], expires, sub(KEYS[2], suffixAt))
return 'P' .. told
`;
