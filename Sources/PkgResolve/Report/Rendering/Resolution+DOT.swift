extension Resolution {
  /// The packages as a graph in the DOT language: an arrow from each to those its dependencies brought in, the
  /// requested ones emphasised.
  ///
  /// Source: graphviz.org, "DOT Language" and "escString".
  public func dotText() -> String {
    var text = "digraph packages {\n"
    text += "  rankdir=LR;\n"
    text += "  node [shape=box, fontname=\"sans-serif\"];\n"
    let requested = requestedPackages
    for (index, package) in packages.enumerated() {
      let record = package.record
      let label = [record.name, record.version, byteText(record.size)]
      let emphasis =
        requested.contains(index) ? ", style=\"filled,bold\", fillcolor=\"#dbe9ff\"" : ""
      text += "  \(Self.dotQuoted(record.name)) [label=\"\(Self.lines(label))\"\(emphasis)];\n"
    }
    for (index, below) in firstEdges().enumerated() {
      let name = Self.dotQuoted(packages[index].record.name)
      for other in below {
        text += "  \(name) -> \(Self.dotQuoted(packages[other].record.name));\n"
      }
    }
    return text + "}\n"
  }

  /// A name as DOT reads it back.
  static func dotQuoted(_ text: String) -> String { "\"" + escaped(text) + "\"" }

  private static func lines(_ parts: [String]) -> String {
    parts.map(escaped).joined(separator: "\\n")
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in printable(text).unicodeScalars {
      if character == "\"" || character == "\\" { result += "\\" }
      result.unicodeScalars.append(character)
    }
    return result
  }
}
