import PkgResolve
import RootfsCompose

extension DifferenceDocument {
  /// Two images.
  init(_ difference: ImageDifference, names: (String, String), bound: DifferenceBound) {
    title = Cell(foreign: "\(names.0) → \(names.1)")
    conclusion = Self.conclusion(difference)
    sections = difference.platforms.map { Self.section($0, bound) }
    sections += Self.alone(difference.onlyBefore, names.0)
    sections += Self.alone(difference.onlyAfter, names.1)
  }

  static func alone(_ platforms: [String], _ name: String) -> [Section] {
    platforms.map { Section(heading: Cell(foreign: "\($0): only in \(name)")) }
  }

  private static func conclusion(_ difference: ImageDifference) -> String {
    if difference.isEmpty {
      return difference.digestBefore == difference.digestAfter
        ? "nothing differs: the images are the same"
        : "nothing differs that a container sees; the digests do"
    }
    return difference.platforms.map { platform in
      let changes =
        platform.isEmpty
        ? ["nothing differs"]
        : counts(of: platform.packages) + counts(of: platform.files)
          + (platform.configuration.isEmpty
            ? [] : [counted(platform.configuration.count, "setting") + " changed"])
      return (difference.platforms.count > 1 ? "\(platform.platform): " : "")
        + changes.joined(separator: ", ")
    }.joined(separator: "; ")
  }

  static func counted(_ number: Int, _ word: String) -> String {
    "\(number) \(word)\(number == 1 ? "" : "s")"
  }

  private static func section(
    _ platform: ImageDifference.PlatformDifference, _ bound: DifferenceBound
  ) -> Section {
    var section = Section(heading: Cell(foreign: platform.platform))
    section.tables = [summary(platform)]
    section.tables += security(platform)
    section.tables += packages(platform.packages, size: "installed")
    section.tables += settings(
      platform.configuration.filter { !$0.isSecurityRelevant }, "configuration")
    section.tables += FileTables(platform, bound).tables
    return section
  }

  private static func summary(_ platform: ImageDifference.PlatformDifference) -> Table {
    let (old, new) = (platform.before, platform.after)
    func number(_ name: String, _ before: Int, _ after: Int) -> [Cell] {
      [Cell(own: name), "\(before)", "\(after)", Cell(own: signed(after - before))]
    }
    func size(_ name: String, _ before: Int64, _ after: Int64) -> [Cell] {
      [
        Cell(own: name), Cell(own: byteText(before)), Cell(own: byteText(after)),
        Cell(own: signedBytes(after - before)),
      ]
    }
    let shared = "\(platform.sharedLayers) shared, \(byteText(platform.sharedBytes))"
    return Table(
      title: "summary", columns: ["", "before", "after", "change"],
      rows: [
        [
          "manifest", Cell(own: short(old.manifest)), Cell(own: short(new.manifest)),
          old.manifest == new.manifest ? "" : "differs",
        ],
        size("packed", old.packed, new.packed), size("unpacked", old.unpacked, new.unpacked),
        number("files", old.files, new.files), number("packages", old.packages, new.packages),
        number("set-user-ID files", old.setIDFiles, new.setIDFiles),
        ["layers", "\(old.layers)", "\(new.layers)", Cell(own: shared)],
      ])
  }

  static func short(_ digest: String) -> String { String(digest.prefix(19)) + "…" }

  static func signed(_ number: Int) -> String {
    number == 0 ? "" : number > 0 ? "+\(number)" : "\(number)"
  }

  static func signedBytes(_ bytes: Int64) -> String {
    // The smallest number has no positive of its own.
    bytes == 0 ? "" : bytes > 0 ? "+" + byteText(bytes) : "-" + byteText(-max(bytes, -.max))
  }

  /// What who cares for security looks at first.
  private static func security(_ platform: ImageDifference.PlatformDifference) -> [Table] {
    let settings = platform.configuration.filter(\.isSecurityRelevant).map { each in
      [
        Cell(foreign: each.name), "setting", Cell(foreign: each.before),
        Cell(foreign: each.after), "",
      ]
    }
    let files = platform.files.flatMap { file in
      file.aspects.filter(\.isSecurityRelevant).map { aspect in
        [
          Cell(foreign: file.path), Cell(own: aspect.change.rawValue),
          Cell(foreign: aspect.before), Cell(foreign: aspect.after), Cell(foreign: file.package),
        ]
      }
    }
    let rows = settings + files
    guard !rows.isEmpty else { return [] }
    return [
      Table(
        title: "security-relevant", columns: ["what", "change", "before", "after", "package"],
        rows: rows, isMarked: true)
    ]
  }
}
