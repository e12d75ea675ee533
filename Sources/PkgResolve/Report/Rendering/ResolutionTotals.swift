/// Sums over the packages of a resolution.
struct ResolutionTotals {
  let packages: Int
  /// Of the package files, in bytes.
  private(set) var size: Int64 = 0
  /// Of what they unpack to, in bytes, as far as the index says.
  private(set) var installedSize: Int64 = 0
  /// How many packages have no installed size in the index.
  private(set) var unknownInstalledSizes = 0

  init(_ resolution: Resolution) {
    packages = resolution.packages.count
    for package in resolution.packages {
      size = saturatingSum(size, package.record.size)
      if let installed = package.record.installedSize {
        installedSize = saturatingSum(installedSize, installed)
      } else {
        unknownInstalledSizes += 1
      }
    }
  }

  var description: String {
    let unknown =
      unknownInstalledSizes == 0 ? "" : " (not known of \(unknownInstalledSizes))"
    return "\(packages) \(packages == 1 ? "package" : "packages"), \(byteText(size)) to download, "
      + "\(byteText(installedSize)) installed\(unknown)"
  }
}

/// The sizes an index gives may be any numbers.
func saturatingSum(_ left: Int64, _ right: Int64) -> Int64 {
  let (sum, overflow) = left.addingReportingOverflow(right)
  return overflow ? .max : sum
}

extension Resolution {
  /// For each package the ones its requirements brought in, in the order of its dependencies, each once.
  func firstEdges() -> [[Int]] {
    packages.enumerated().map { index, package in
      var seen = Set([index])
      return package.requirements.compactMap { requirement in
        guard let first = requirement.packages.first, seen.insert(first).inserted else {
          return nil
        }
        return first
      }
    }
  }

  /// Indexes of the packages that a request names.
  var requestedPackages: Set<Int> { Set(requests.flatMap(\.packages)) }
}

extension Resolution.Requirement {
  /// Whether it is a condition of the package's install_if rather than something that the package needs.
  var isCondition: Bool { relation.hasPrefix("install_if ") }
}

extension Resolution.Package {
  /// Whether an install_if brought it in.
  var hasCondition: Bool { requirements.contains(where: \.isCondition) }

  /// `27.4 kB, 93.2 kB installed`.
  var sizeText: String {
    byteText(record.size) + (record.installedSize.map { ", \(byteText($0)) installed" } ?? "")
  }

  /// `python3 3.13.5-1 amd64`.
  public var label: String { printable("\(record.name) \(record.version) \(record.architecture)") }
}
