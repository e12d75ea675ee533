import ArgumentParser
import OCIImage
import PkgResolve
import RootfsCompose

/// What became of each image of one `build`, in the order of the command line.
struct BuildSummary {
  struct Outcome {
    let name: String
    let recipe: String
    let distribution: String?
    let result: Result<BuildReport, any Error>

    /// Whether it was cancelled, which is no fault of the image's.
    var isInterrupted: Bool {
      guard case .failure(let error) = result else { return false }
      return ExitStatus.code(for: error) == ExitStatus.interrupted
    }
  }

  let outcomes: [Outcome]

  /// A table for people, with what each image came to.
  var table: [String] {
    let head = ["IMAGE", "PLATFORMS", "RESULT", "PACKED", "UNPACKED", "PACKAGES"]
    let rows = [head] + outcomes.map(Self.cells)
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let padded = zip(row, widths).enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        // Numbers stand right.
        return column < 3 ? cell.0 + blanks : blanks + cell.0
      }
      return padded.joined(separator: "  ").trimmingTrailingBlanks()
    }
  }

  private static func cells(_ outcome: Outcome) -> [String] {
    guard case .success(let report) = outcome.result else {
      return [
        outcome.name, "-", outcome.isInterrupted ? "interrupted" : "failed", "-", "-", "-",
      ]
    }
    let platforms = report.platforms.sorted { $0.key < $1.key }
    let packages = platforms.map(\.value.packages)
    let ends = Set([packages.min(), packages.max()].compactMap { $0 }).sorted().map(String.init)
    return [
      outcome.name, platforms.map(\.key).joined(separator: ","),
      report.unchanged ? "unchanged" : "built", byteText(report.size),
      byteText(platforms.reduce(0) { $0 + $1.value.unpackedSize }),
      ends.joined(separator: "-"),
    ]
  }

  /// What the images' layers come to, and what of it is left where each is counted once; nil where nothing is shared.
  var sharing: String? {
    let layers = outcomes.compactMap { try? $0.result.get() }
      .flatMap { $0.platforms.values.flatMap(\.layers) }
    let distinct = Dictionary(layers.map { ($0.digest, $0.size) }) { first, _ in first }
    guard distinct.count < layers.count else { return nil }
    let all = layers.reduce(0) { $0 + $1.size }
    let once = distinct.values.reduce(0, +)
    return
      "\(layers.count) layers of \(byteText(all)); \(distinct.count) of \(byteText(once)) with shared ones counted once"
  }

  /// Each fault once, with the images that it keeps from being built.
  var faultLines: [String] {
    var images = [String: [String]]()
    var texts = [String]()
    for outcome in outcomes where !outcome.isInterrupted {
      guard case .failure(let error) = outcome.result else { continue }
      for fault in faults(of: error) {
        let text = "\(fault)"
        if images[text] == nil { texts.append(text) }
        images[text, default: []].append(outcome.name)
      }
    }
    return texts.map { "error: \((images[$0] ?? []).joined(separator: ", ")): \($0)" }
  }

  /// `2 images built, 1 unchanged, 1 failed`
  var count: String {
    let reports = outcomes.compactMap { try? $0.result.get() }
    let unchanged = reports.count(where: \.unchanged)
    let built = reports.count - unchanged
    let interrupted = outcomes.count(where: \.isInterrupted)
    let failed = outcomes.count - reports.count - interrupted
    let parts = [
      (built, "built"), (unchanged, "unchanged"), (failed, "failed"), (interrupted, "interrupted"),
    ]
    return parts.filter { $0.0 > 0 }.map { number, word in
      "\(number) \(number == 1 ? "image" : "images") \(word)"
    }.joined(separator: ", ")
  }

  /// The code of the first image that failed.
  var exitCode: ExitCode? {
    for outcome in outcomes {
      if case .failure(let error) = outcome.result { return ExitStatus.code(for: error) }
    }
    return nil
  }
}

extension String {
  fileprivate func trimmingTrailingBlanks() -> String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
