# From what `nvcc -Xptxas -v` prints, a line for each function and architecture, tabs between:
#   architecture, registers, bytes of stack, of spill stores, of spill loads, name
# A function that a kernel calls has its own line; its stack counts in the kernel's as well.
function flush() {
  if (name != "") printf "%s\t%d\t%d\t%d\t%d\t%s\n", arch, registers, stack, stores, loads, name
  name = ""
}
function number_before(text,   words, count, i) {
  count = split(substr($0, 1, index($0, text) - 1), words, /[^0-9]+/)
  for (i = count; i > 0; i--) if (words[i] != "") return words[i] + 0
  return 0
}
/Compiling entry function/ {
  flush()
  arch = $0
  sub(/.* for '/, "", arch)
  sub(/'.*/, "", arch)
}
/Function properties for / {
  flush()
  name = $NF
  registers = stack = stores = loads = 0
}
/bytes stack frame/ {
  stack = number_before(" bytes stack frame")
  stores = number_before(" bytes spill stores")
  loads = number_before(" bytes spill loads")
}
/Used [0-9]+ registers/ {
  registers = number_before(" registers")
  if (/bytes cumulative stack size/ && number_before(" bytes cumulative stack size") > stack)
    stack = number_before(" bytes cumulative stack size")
}
END { flush() }
