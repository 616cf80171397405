# Counts, in PTX of the kernels of gpu-count.cu, the double-precision operations that one trial takes:
# those on the cheapest way through the outermost loop, which is the loop over trials. That way passes
# by what few trials need (the start of a block, the logarithm that many trials share), so the count is
# the least that every trial takes. Loops that were left within it count once; where a kernel has two
# loops over trials, as one keeps exponentials, the cheaper counts.
#
# A fused multiply-add is one operation, as is an addition, a product, a comparison, a minimum or a
# maximum. A division or a reciprocal is eight: PTX has one instruction for it, which becomes an
# estimate and steps of Newton's. Conversions and moves are not counted: other units do them.
#
#   awk -f gpu-count.awk FILE.ptx       prints, for each kernel, its name and the count

function weight(text) {
  if (text !~ /^(@!?%p[0-9]+ +)?(add|sub|mul|fma|div|rcp|sqrt|min|max|setp|set|abs|neg)\./) return 0
  if (text !~ /\.f64([ \t.]|$)/) return 0
  if (text ~ /^(@!?%p[0-9]+ +)?(abs|neg)\./) return 0
  return text ~ /(div|rcp|sqrt)\./ ? 8 : 1
}

function open_block(name) {
  blocks++
  number[name] = blocks
  cost[blocks] = 0
  targets[blocks] = ""
  through[blocks] = 1
}

# The cheapest way from block `from` back to it, over blocks up to `last`.
function cheapest(from, last,   b, i, n, list, best, to) {
  for (b = from; b <= last; b++) least[b] = -1
  least[from] = cost[from]
  best = -1
  for (b = from; b <= last; b++) {
    if (least[b] < 0) continue
    n = split(targets[b], list, " ")
    for (i = 1; i <= n; i++) {
      to = number[list[i]]
      if (to == from && (best < 0 || least[b] < best)) best = least[b]
      if (to > b && to <= last && (least[to] < 0 || least[b] + cost[to] < least[to]))
        least[to] = least[b] + cost[to]
    }
    to = b + 1
    if (through[b] && to <= last && (least[to] < 0 || least[b] + cost[to] < least[to]))
      least[to] = least[b] + cost[to]
  }
  return best
}

function close_kernel(   b, i, n, list, to, ends, from, mine, best, reach) {
  if (kernel == "") return
  delete ends
  for (b = 1; b <= blocks; b++) {
    n = split(targets[b], list, " ")
    for (i = 1; i <= n; i++) {
      to = number[list[i]]
      if (to > 0 && to <= b && b > ends[to]) ends[to] = b
    }
  }
  best = -1
  reach = 0
  for (from = 1; from <= blocks; from++) {
    if (!(from in ends) || ends[from] == "" || from <= reach) continue
    reach = ends[from]
    mine = cheapest(from, reach)
    # A loop of a few operations copies something: it is none over trials.
    if (mine > 5 && (best < 0 || mine < best)) best = mine
  }
  printf "%s %d\n", kernel, best
  kernel = ""
}

/\.entry / {
  close_kernel()
  kernel = $0
  sub(/.*\.entry +/, "", kernel)
  sub(/\(.*/, "", kernel)
  blocks = 0
  delete number
  open_block("entry")
  next
}
kernel == "" { next }
/^}/ { close_kernel(); next }
/^\$?[A-Za-z_][A-Za-z0-9_$]*:/ {
  label = $1
  sub(/:.*/, "", label)
  open_block(label)
  next
}
{
  sub(/^[ \t]+/, "")
  cost[blocks] += weight($0)
}
/bra/ {
  label = $0
  sub(/;.*/, "", label)
  sub(/.*[ \t]/, "", label)
  targets[blocks] = targets[blocks] " " label
  if ($0 ~ /^@/) {
    unnamed++
    open_block("after " unnamed)
  } else {
    through[blocks] = 0
    unnamed++
    open_block("after " unnamed)
  }
}
/^ret;/ { through[blocks] = 0 }
END { close_kernel() }
