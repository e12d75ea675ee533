/// Looks for packages of one source that come from repositories with different versions of it: they were not built to
/// be used together.
enum SourceVersions {
  /// A line for each such source, in the order of the records.
  static func warnings(_ records: [PackageRecord]) -> [String] {
    var order = [String]()
    var bySource = [String: [PackageRecord]]()
    for record in records {
      if bySource[record.sourceName] == nil { order.append(record.sourceName) }
      bySource[record.sourceName, default: []].append(record)
    }
    return order.compactMap { source in
      var versions = [(version: String, places: [String], names: [String])]()
      for record in bySource[source] ?? [] {
        let place = record.origin.place
        if let index = versions.firstIndex(where: { $0.version == record.sourceVersion }) {
          if !versions[index].places.contains(place) { versions[index].places.append(place) }
          versions[index].names.append(record.name)
        } else {
          versions.append((record.sourceVersion, [place], [record.name]))
        }
      }
      let places = Set(versions.flatMap(\.places))
      guard versions.count > 1, places.count > 1 else { return nil }
      let parts = versions.map {
        "\($0.names.joined(separator: ", ")) of \($0.version) from \($0.places.joined(separator: ", "))"
      }
      return
        "\(source): the packages of this source come in different versions: \(parts.joined(separator: "; "))"
    }
  }
}
