import OCIImage
import PkgResolve
import RootfsCompose

/// What `verify` says of an image.
struct VerifyReport {
  let image: String
  let recipe: String
  let lock: String
  let verification: Verification

  /// How many deviations are told one by one.
  static let most = 20

  private var origin: String { "\(recipe) and \(lock)" }

  /// The text, line by line. The first says all that a log needs.
  func lines(all: Bool) -> [String] { text(all: all).map(Self.line) }

  /// Of one line, in characters.
  private static let longestLine = 1000

  /// What can pass for one line and no more: an image's paths and values are its maker's choice.
  private static func line(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(longestLine) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return text.unicodeScalars.count > longestLine ? result + "…" : result
  }

  private func text(all: Bool) -> [String] {
    guard let first = verification.deviations.first else { return [equality] }
    var lines = ["\(image): \(headline(first))"]
    lines += verification.causes.enumerated().map { index, cause in
      (index == 0 ? "likely cause: " : "and: ") + cause.text
    }
    let shown = all ? verification.deviations.count : Self.most
    for deviation in verification.deviations.prefix(shown) {
      lines.append("")
      lines += text(of: deviation)
    }
    let rest = verification.deviations.dropFirst(shown)
    if !rest.isEmpty {
      lines += ["", "and \(rest.count) more; --all shows them:"] + counts(rest)
    }
    lines += [""] + digests
    return lines
  }

  private var equality: String {
    let count = verification.platforms.count
    let manifests = count == 1 ? "manifest" : "\(count) manifests"
    let depth = verification.comparesIndex ? "index and \(manifests)" : manifests
    // Of an image with more platforms than were asked for, the index says nothing.
    let isPart = !verification.comparesIndex && count == 1
    let digest = isPart ? verification.platforms[0].found.manifest : verification.found.description
    return "\(digest)  \(image) is what \(origin) give: identical \(depth)"
  }

  private func headline(_ first: Deviation) -> String {
    if verification.verdict == .compressionOnly {
      return "holds what \(origin) give, packed otherwise (compression only)"
    }
    var text = "is not what \(origin) give: " + subject(first)
    let more = verification.deviations.count - 1
    if more > 0 { text += more == 1 ? ", and 1 more difference" : ", and \(more) more differences" }
    return text
  }

  /// `/usr/bin/hello: content (hello 1.0-1)`.
  private func subject(_ deviation: Deviation) -> String {
    let what = deviation.path ?? deviation.level.rawValue
    return "\(what): \(deviation.attribute)" + (deviation.package.map { " (\($0))" } ?? "")
  }

  private func text(of deviation: Deviation) -> [String] {
    var rows = [(String, String)]()
    let place = [
      deviation.platform,
      deviation.level == .layer && deviation.layer != nil ? nil : deviation.level.rawValue,
      deviation.layer.map { "layer \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
    rows.append(("in", place))
    rows.append(("expected", deviation.expected ?? "none"))
    rows.append(("found", deviation.found ?? "none"))
    if deviation.path != nil { rows.append(("package", deviation.package ?? "none ships it")) }
    if let rule = deviation.rule { rows.append(("rule", rule)) }
    var lines = [subject(deviation)]
    lines += rows.map { name, value in
      "  " + name + String(repeating: " ", count: 10 - name.count) + value
    }
    return lines + deviation.details.map { "  " + $0 }
  }

  private func counts(_ deviations: ArraySlice<Deviation>) -> [String] {
    var counts = [String: Int]()
    for deviation in deviations {
      let owner = deviation.package ?? (deviation.path == nil ? "the image" : "no package")
      counts["\(deviation.attribute) of \(owner)", default: 0] += 1
    }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.most)
      .map { "  \($0.value)  \($0.key)" }
  }

  private var digests: [String] {
    verification.platforms.flatMap { each in
      each.isIdentical
        ? ["\(each.platform): identical manifest \(each.found.manifest)"]
        : [
          "\(each.platform): expected manifest \(each.expected.manifest)",
          "\(each.platform): found    manifest \(each.found.manifest)",
        ]
    }
  }
}

extension VerifyReport {
  /// What `--json` prints.
  struct Document: Encodable {
    struct Part: Encodable {
      let expected: Lockfile.Manifest
      let found: Lockfile.Manifest
      /// nil where the lock records none.
      let recorded: Lockfile.Manifest?
      let identical: Bool
    }

    let image: String
    let digest: String
    /// The rebuild's digest.
    let rebuilt: String
    let recipe: String
    let lock: String
    let tool: String
    let verdict: Verification.Verdict
    let platforms: [String: Part]
    let causes: [Verification.Cause]
    let differences: [Deviation]
    let notes: [String]
  }

  var document: Document {
    Document(
      image: image, digest: verification.found.description,
      rebuilt: verification.expected.description, recipe: recipe, lock: lock,
      tool: ToolVersion.tool, verdict: verification.verdict,
      platforms: Dictionary(
        verification.platforms.map {
          (
            $0.platform.description,
            Document.Part(
              expected: $0.expected, found: $0.found, recorded: $0.recorded,
              identical: $0.isIdentical)
          )
        }, uniquingKeysWith: { first, _ in first }),
      causes: verification.causes, differences: verification.deviations,
      notes: verification.notes)
  }
}
