import Glibc

@testable import PkgResolve

/// Writes the kept form of an index, of whichever distribution it is; false where it is malformed or cannot be written.
func keep(_ index: String, _ path: String) -> Bool {
  guard let bytes = contents(of: index) else { return false }
  let table =
    (try? PackageIndex.parse(bytes, origin: origin, requirePackageFiles: false))
    ?? (try? AlpineIndex.parse(bytes, origin: origin, requirePackageFiles: false))
  guard let table, let file = fopen(path, "wb") else { return false }
  let kept = table.keptBytes
  let count = fwrite(kept, 1, kept.count, file)
  return fclose(file) == 0 && count == kept.count
}

private func contents(of path: String) -> [UInt8]? {
  guard let file = fopen(path, "rb") else { return nil }
  defer { fclose(file) }
  // Seeds are small.
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  return ferror(file) == 0 ? Array(bytes[..<count]) : nil
}
