extension Resolution {
  /// The packages as a Mermaid flowchart: an arrow from each to those its dependencies brought in, the requested ones
  /// emphasised.
  ///
  /// Names stand in labels only; the nodes are numbered, because `end` and much else means something in an id.
  /// Source: mermaid.js.org, "Flowcharts", "Special characters that break syntax".
  public func mermaidText() -> String {
    var text = "flowchart LR\n"
    for (index, package) in packages.enumerated() {
      let record = package.record
      let label = [record.name, record.version, byteText(record.size)].map(Self.mermaidEscaped)
      text += "  p\(index)[\"\(label.joined(separator: "<br/>"))\"]\n"
    }
    for (index, below) in firstEdges().enumerated() {
      for other in below { text += "  p\(index) --> p\(other)\n" }
    }
    let requested = requestedPackages.sorted()
    guard !requested.isEmpty else { return text }
    text += "  classDef requested fill:#dbe9ff,stroke-width:3px\n"
    return text + "  class \(requested.map { "p\($0)" }.joined(separator: ",")) requested\n"
  }

  /// Everything but letters, digits and harmless signs as an entity, `#34;`.
  static func mermaidEscaped(_ text: String) -> String {
    var result = ""
    for scalar in printable(text).unicodeScalars {
      let isHarmless =
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || " .+-_:~".unicodeScalars.contains(scalar)
      if isHarmless {
        result.unicodeScalars.append(scalar)
      } else {
        result += "#\(scalar.value);"
      }
    }
    return result
  }
}
