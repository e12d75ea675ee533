import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose
import Synchronization

/// One image of `build`: from a recipe, with its lock where there is one, to a written image.
struct ImageBuild: Sendable {
  let recipe: Recipe
  let platforms: [Platform]
  let format: OutputFormat
  /// Where the image goes.
  let output: String
  let compression: LayerCompression?
  let isLocked: Bool
  let ledger: String?
  let report: String?
  let session: ComposerSession
  let show: Composer.Observer
  let note: @Sendable (String) -> Void

  /// What is remembered of an image, for the day when it would come out the same.
  private struct Memory: Codable {
    let report: BuildReport
    let warnings: [String]
  }

  func run() async throws -> BuildReport {
    var lockPath = RecipeName.lockPath(of: recipe)
    var bytes = try LockFiles.bytes(lockPath)
    if bytes == nil, let bundled = session.composer.options.bundle?.image(for: recipe) {
      lockPath = bundled.lockPath
      bytes = bundled.lockBytes
    }
    if isLocked && bytes == nil {
      throw ComposeError(
        .inputUnreadable, lockPath,
        "not found, and --locked needs it; run `\(RecipeName.lockCommand(recipe))`")
    }
    try checkFormat()
    var known = bytes.flatMap(key)
    if let report = known.flatMap(unchanged) { return report }
    let ledgerFile = try ledger.map { try OutputFile($0) }
    let reportFile = try report.map { try OutputFile($0) }
    let warnings = Mutex([String]())
    let observe: Composer.Observer = { event in
      if case .warning(let text) = event { warnings.withLock { $0.append(text) } }
      show(event)
    }
    let lock: Lockfile
    let lockBytes: [UInt8]
    if let bytes {
      lock = try Lockfile(decoding: bytes, name: lockPath)
      lockBytes = bytes
      try LockFiles.check(lock, lockPath, against: recipe, platforms: platforms, exactly: isLocked)
      note("following \(lockPath)")
    } else {
      lock = try await session.resolve(recipe, for: platforms, observe: observe)
      lockBytes = try lock.encoded()
      known = key(lockBytes)
      if let report = known.flatMap(unchanged) { return report }
    }
    let composed = try await session.compose(
      recipe, lock: lock, platforms: platforms, wantsLedger: ledger != nil || report != nil,
      observe: observe)
    if isLocked { try LockFiles.check(composed.image, against: lock, lockPath) }
    var files = [(file: OutputFile, bytes: [UInt8])]()
    if let ledgerFile { files.append((ledgerFile, Array(try LedgerReport.json(composed).utf8))) }
    if let reportFile {
      files.append(
        (reportFile, HTMLReport(ImageReport(composed, lock: lock, recipe: recipe)).bytes))
    }
    try await write(composed.image, with: files)
    let report = BuildReport(composed, path: output, recipe: recipe.path, lock: lock)
    // A file that was changed in between may be in the image as it was or as it is.
    if let known, key(lockBytes) == known { remember(report, warnings.withLock { $0 }, as: known) }
    return report
  }

  /// Told before anything is fetched.
  private func checkFormat() throws {
    guard format == .dockerArchive || format == .tar, platforms.count > 1 else { return }
    let first = platforms.first?.description ?? ""
    throw ComposeError(
      .invalidRecipe, recipe.path,
      "is for \(platforms.map(\.description).joined(separator: ", ")), and \(format.rawValue) holds one platform; add --platform \(first)"
    )
  }

  /// Writes the image and what is told of it: none without the others.
  private func write(
    _ image: Image, with files: [(file: OutputFile, bytes: [UInt8])]
  ) async throws {
    var written = [OutputFile]()
    do {
      for (file, bytes) in files {
        try file.write(bytes)
        written.append(file)
      }
      try await session.write(image, to: format.destination(output))
    } catch {
      for file in written { file.remove() }
      throw error
    }
  }

  // MARK: Unchanged images

  private func key(_ lock: [UInt8]) -> Digest? {
    let compressors = LayerCompression.allCases.map { $0.compressor ?? "" }
    return session.finished.key(
      of: recipe, lock: lock, platforms: platforms,
      form: [format.rawValue, compression?.rawValue ?? "", isLocked ? "locked" : ""] + compressors,
      output: output)
  }

  /// What was said of the image when it was built, where it lies there as it was left.
  private func unchanged(_ key: Digest) -> BuildReport? {
    // A ledger and a report are of a composition.
    guard ledger == nil, report == nil,
      let bytes = session.finished.report(of: key, output: output),
      let memory = try? JSONDecoder().decode(Memory.self, from: Data(bytes))
    else { return nil }
    for warning in memory.warnings { show(.warning(warning)) }
    note("unchanged: \(output)")
    var report = memory.report
    report.unchanged = true
    return report
  }

  private func remember(_ report: BuildReport, _ warnings: [String], as key: Digest) {
    guard let bytes = try? JSONEncoder().encode(Memory(report: report, warnings: warnings))
    else { return }
    session.finished.note(key, output: output, report: Array(bytes))
  }
}
