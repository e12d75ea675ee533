// Fuzz TARGET [libFuzzer's options] [CORPUS...]: see scripts/fuzz.sh.
// Fuzz keep INDEX FILE: writes the kept form of an index, a seed for the target kept-index.
import CLibFuzzer
import Glibc

let targets: [String: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32] = [
  "alpine-index": { run(alpineIndex, $0, $1) },
  "alpine-relation": { run(alpineRelation, $0, $1) },
  "alpine-solve": { run(alpineSolve, $0, $1) },
  "alpine-version": { run(alpineVersion, $0, $1) },
  "apk-archive": { run(apkArchive, $0, $1) },
  "debian-control": { run(controlStanza, $0, $1) },
  "debian-index": { run(debianIndex, $0, $1) },
  "debian-relation": { run(debianRelation, $0, $1) },
  "debian-version": { run(debianVersion, $0, $1) },
  "kept-index": { run(keptIndex, $0, $1) },
  "debian-solve": { run(debianSolve, $0, $1) },
]

if CommandLine.argc == 4, CommandLine.arguments[1] == "keep" {
  exit(keep(CommandLine.arguments[2], CommandLine.arguments[3]) ? 0 : 1)
}
guard CommandLine.argc > 1, let target = targets[CommandLine.arguments[1]] else {
  for name in targets.keys.sorted() { print(name) }
  exit(CommandLine.argc > 1 ? 64 : 0)
}
// libFuzzer takes what follows the target for its own arguments, and the program's name from before them.
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
CommandLine.unsafeArgv[1] = CommandLine.unsafeArgv[0]
exit(LLVMFuzzerRunDriver(&count, &arguments, target))

/// What a target does with one input: it returns, whatever the input holds.
func run(_ body: ([UInt8]) -> Void, _ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  body(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}

/// Ends the run where something does not hold that must: libFuzzer keeps the input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  guard !condition else { return }
  let line = "does not hold: \(message())\n"
  write(STDERR_FILENO, line, line.utf8.count)
  abort()
}
