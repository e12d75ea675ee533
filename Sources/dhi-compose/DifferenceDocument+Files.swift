import PkgResolve
import RootfsCompose

extension DifferenceDocument {
  /// `3 files added, 12 changed`.
  static func counts(of files: [FileDifference]) -> [String] {
    let added = files.count(where: \.isAdded)
    let removed = files.count(where: \.isRemoved)
    return [(added, "added"), (removed, "removed"), (files.count - added - removed, "changed")]
      .filter { $0.0 > 0 }.map { counted($0.0, "file") + " " + $0.1 }
  }

  /// The files that differ, by package.
  struct FileTables {
    private struct Group {
      /// nil for what is of no package.
      let package: String?
      let files: [FileDifference]
      /// Whether the package came or went with its files.
      let isWhole: Bool
    }

    private let groups: [Group]
    private let bound: DifferenceBound

    init(_ platform: ImageDifference.PlatformDifference, _ bound: DifferenceBound) {
      self.bound = bound
      let byPackage = Dictionary(grouping: platform.files, by: \.package)
      let whole = Set(
        platform.packages.filter { [.added, .removed].contains($0.change) }.map(\.name))
      let names = byPackage.keys.compactMap { $0 }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      groups = (names.map { Optional($0) } + [nil]).compactMap { name in
        byPackage[name].map {
          Group(package: name, files: $0, isWhole: name.map(whole.contains) ?? false)
        }
      }
    }

    var tables: [Table] {
      guard !groups.isEmpty else { return [] }
      // The files of a package that came or went are told by its name.
      let shown = groups.filter { !$0.isWhole || bound.files == .max }
      return [overview] + shown.map(table)
    }

    private var overview: Table {
      Table(
        title: "files by package",
        columns: ["package", "added", "removed", "changed", "size"],
        rows: groups.map { group in
          let added = group.files.count(where: \.isAdded)
          let removed = group.files.count(where: \.isRemoved)
          func cell(_ number: Int) -> Cell { number == 0 ? "" : "\(number)" }
          return [
            Self.name(of: group), cell(added), cell(removed),
            cell(group.files.count - added - removed),
            Cell(own: DifferenceDocument.signedBytes(Self.sum(group.files))),
          ]
        })
    }

    private func table(_ group: Group) -> Table {
      var files = group.files
      if files.count > bound.files {
        func size(_ file: FileDifference) -> Int64 {
          max(file.sizeBefore ?? 0, file.sizeAfter ?? 0)
        }
        let largest = files.enumerated().sorted {
          (size($1.element), $0.offset) < (size($0.element), $1.offset)
        }
        files = largest.prefix(bound.files).sorted { $0.offset < $1.offset }.map(\.element)
      }
      return Table(
        title: "\(DifferenceDocument.counts(of: group.files).joined(separator: ", "))",
        subject: Self.name(of: group), columns: ["path", "change", "before", "after"],
        rows: files.flatMap { file in
          file.aspects.map { aspect in
            [
              Cell(foreign: file.path), Cell(own: aspect.change.rawValue),
              Cell(foreign: aspect.before), Cell(foreign: aspect.after),
            ]
          }
        }, omitted: group.files.count - files.count, isFolded: true)
    }

    private static func name(of group: Group) -> Cell {
      group.package.map { Cell(foreign: $0) } ?? "the image's own"
    }

    /// An image may claim any sizes.
    private static func sum(_ files: [FileDifference]) -> Int64 {
      files.reduce(0) { sum, file in
        let (next, overflow) = sum.addingReportingOverflow(file.sizeChange)
        return overflow ? sum : next
      }
    }
  }
}
