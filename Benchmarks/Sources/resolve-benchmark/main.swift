import Glibc
import PkgResolve

/// The bytes of a file, read whole.
func contents(of path: String) throws -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { throw Usage(message: "\(path): cannot be opened") }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw Usage(message: "\(path): cannot be read") }
  let size = Int(status.st_size)
  return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    while count < size {
      let part = read(descriptor, buffer.baseAddress! + count, size - count)
      if part <= 0 { break }
      count += part
    }
  }
}

struct Usage: Error { let message: String }

func origin(_ path: String) -> PackageOrigin {
  PackageOrigin(name: path, url: "http://example.org/debian", suite: path, component: "main")
}

var arguments = Array(CommandLine.arguments.dropFirst())
var runs = 15
var threads = 1
while let first = arguments.first, first.hasPrefix("--") {
  if first.hasPrefix("--runs=") { runs = Int(first.dropFirst(7)) ?? runs }
  if first.hasPrefix("--threads=") { threads = Int(first.dropFirst(10)) ?? threads }
  arguments.removeFirst()
}
let command = arguments.first ?? ""
arguments.removeFirst(min(1, arguments.count))

switch command {
case "parse":
  let texts = try arguments.map { ($0, try contents(of: $0)) }
  try Measurement(name: "parse", runs: runs).run {
    try texts.map { try PackageIndex.parse($1, origin: origin($0), threads: threads) }
  }
  let tables = try texts.map { try PackageIndex.parse($1, origin: origin($0)) }
  print(tables.map(\.count), tables.map { $0.keptBytes.count })
case "load":
  let kept = try arguments.map {
    ($0, TableBytes(try PackageIndex.parse(contents(of: $0), origin: origin($0)).keptBytes))
  }
  try Measurement(name: "load", runs: runs).run {
    try kept.map { try PackageTable(kept: $1, origin: origin($0)) }
  }
case "solve":
  let names = arguments.split(separator: "--").last ?? []
  let tables = try (arguments.split(separator: "--").first ?? []).map {
    try PackageIndex.parse(contents(of: $0), origin: origin($0))
  }
  let request = ResolutionRequest(try names.map { .init(try PackageRequest(parsing: $0)) })
  try Measurement(name: "solve", runs: runs).run {
    let pool = try PackagePool(architecture: "amd64", indexes: tables)
    return try ConflictDrivenSolver().solve(request, in: pool)
  }
default:
  print("usage: resolve-benchmark [--runs=N] [--threads=N] parse|load|solve FILE… [-- NAME…]")
  exit(64)
}
