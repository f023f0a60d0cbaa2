/** The other scripts: what is told, set, ended, restored and looked up. The layout of the state stands in `redis-lua-state.ts`. */
import { PRELUDE } from './redis-lua-state';

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

/** KEYS: s. ARGV: server, runs. Answers those that had a hold. */
export const RELEASE = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state or not state.restored then return {} end
local out, runs = {}, {}
for i = 2, #ARGV do runs[i - 1] = ARGV[i] end
local ended = endHolds(prefix, state, runs, out)
setAll(out)
return ended
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

/** KEYS: s. ARGV: server, how many to pass over, how many at most, until when they expire. Answers run, hold, run, hold, ... by their expiry. */
export const HOLDS = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
if not state or not state.restored then return {} end
local runs, names, found = call('ZRANGEBYSCORE', prefix .. 'd', '-inf', ARGV[4], 'LIMIT', ARGV[2], ARGV[3]), {}, {}
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

/** KEYS: s, h:<run>. ARGV: server. Answers the hold, or false. */
export const HOLD = `${PRELUDE}
local state = readState(call('GET', KEYS[1]), tonumber(ARGV[1]))
local v = call('GET', KEYS[2])
return state and state.restored and readHold(v, state.epoch) and v or false
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
