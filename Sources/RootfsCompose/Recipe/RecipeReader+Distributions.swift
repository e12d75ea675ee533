extension RecipeReader {
  /// A reading for each entry, each by a reader of its own.
  ///
  /// What is wrong for all is told once; what is wrong for some, with their names, but where the message begins with the
  /// entry's own path.
  mutating func passes(_ entries: DistributionEntries) -> [Reading] {
    var readings = [Reading]()
    var found: [(error: ComposeError, names: [String])] = []
    var places = [String: Int]()
    let names = Array(entries.names.prefix(DistributionEntries.maximum))
    for name in names {
      var reader = RecipeReader(file: file)
      if let reading = reader.pass(entries, name) { readings.append(reading) }
      for error in reader.problems {
        let key = error.subject + "\n" + error.message
        if let place = places[key] {
          if found[place].names.last != name { found[place].names.append(name) }
        } else {
          places[key] = found.count
          found.append((error, [name]))
        }
      }
    }
    for (error, concerned) in found {
      let known = concerned.filter(TextForm.isDistribution)
      let isPlain =
        concerned.count == names.count || known.isEmpty
        || error.message.hasPrefix(DistributionEntries.path)
      let suffix = isPlain ? "" : " (for \(known.joined(separator: ", ")))"
      add(
        ComposeError(
          error.code, error.subject, error.message + suffix, underlying: error.underlying))
    }
    return readings
  }

  /// What a list of distributions must be, whatever its entries say.
  mutating func checkList(_ list: DistributionEntries, _ syntax: SyntaxLine?) {
    let path = DistributionEntries.path
    guard let compose = list.root["compose"], let node = compose[DistributionEntries.key] else {
      return
    }
    if list.entries.isEmpty {
      report(node.mark, "\(path): expected at least one distribution, found none; name one")
    }
    if list.entries.count > DistributionEntries.maximum {
      report(
        node.mark,
        "\(path): expected at most \(DistributionEntries.maximum) distributions, found "
          + "\(list.entries.count)")
    }
    for entry in list.entries where TextForm.isDistribution(entry.key) {
      checkIsKnown(entry)
    }
    if let syntax, syntax.distribution != nil {
      report(
        syntax.mark,
        "syntax: names one distribution, and \(path) names those the recipe is for; "
          + "remove the line")
    }
    if let one = compose.entry("distribution") {
      report(
        one.keyMark,
        "compose.distribution: names one distribution, and \(path) names those the recipe is for; "
          + "remove one")
    }
    for key in DistributionEntries.sources {
      guard let entry = compose.entry(key) else { continue }
      report(
        entry.keyMark,
        "compose.\(key): is one distribution's; write it below \(path).NAME")
    }
  }

  /// Whether one can be composed now is asked when it is.
  private mutating func checkIsKnown(_ entry: RecipeNode.Entry) {
    let subject = "\(file):\(entry.keyMark.line):\(entry.keyMark.column)"
    do throws(ComposeError) {
      _ = try Distribution.named(entry.key, subject: subject)
    } catch {
      guard error.code == .invalidRecipe else { return }
      report(entry.keyMark, "\(DistributionEntries.path): \(error.message)")
    }
  }
}
