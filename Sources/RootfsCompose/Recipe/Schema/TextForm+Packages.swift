extension TextForm {
  /// `name`, `name=version`, `name:arch`, `name/suite` or `!name`, with both distributions' characters.
  ///
  /// Source: Debian Policy §5.6.1, §5.6.7 and §5.6.12, apt-get(8); apk-world(5).
  static let package = TextForm("a package") { text in
    var rest = text[...]
    let refused = rest.hasPrefix("!")
    if refused { rest = rest.dropFirst() }
    if rest.isEmpty || text.contains(where: \.isWhitespace) {
      return .expected("a package such as \"bash\", \"bash=5.2\" or \"!mawk\"")
    }
    // An operator begins the version, but ":" is also part of Alpine's names such as so:libc.musl-x86_64.so.1, and
    // some of those are paths: /bin/sh.
    let isPath = rest.hasPrefix("/")
    let head = rest.prefix { !(isPath ? "=<>~@" : "=<>~/@").contains($0) }
    if isPath {
      guard head.count > 1, RecipeText.isWord(head, or: "+-._/") else {
        return .expected("a path of letters, digits, \"+\", \"-\", \".\", \"_\" and \"/\"")
      }
    } else if let complaint = nameComplaint(head) {
      return complaint
    }
    return tailComplaint(rest[head.endIndex...], refused: refused)
  }

  private static func nameComplaint(_ head: Substring) -> Complaint? {
    let parts = head.split(separator: ":", omittingEmptySubsequences: false)
    let valid = parts.allSatisfy { part in
      guard let first = part.utf8.first else { return false }
      return (RecipeText.isLetter(first) || RecipeText.isDigit(first) || first == 0x5f)
        && RecipeText.isWord(part, or: "+-._")
    }
    if valid && parts.count <= 2 { return nil }
    return .expected("a package name of letters, digits, \"+\", \"-\", \".\" and \"_\"")
  }

  private static func tailComplaint(_ tail: Substring, refused: Bool) -> Complaint? {
    if tail.isEmpty { return nil }
    if refused {
      return .sentence("excludes a package by name only; remove what follows the name")
    }
    if tail.hasPrefix("/") {
      let suite = tail.dropFirst()
      return !suite.isEmpty && RecipeText.isWord(suite, or: "+-._~/")
        ? nil : .expected("a suite after \"/\"")
    }
    if tail.hasPrefix("@") {
      let tag = tail.dropFirst().prefix { !"=<>~".contains($0) }
      guard !tag.isEmpty, RecipeText.isWord(tag, or: "+-._") else {
        return .expected("a repository's tag after \"@\"")
      }
      return versionComplaint(tail[tag.endIndex...])
    }
    return versionComplaint(tail)
  }

  private static func versionComplaint(_ tail: Substring) -> Complaint? {
    if tail.isEmpty { return nil }
    let sign = tail.prefix { "=<>~".contains($0) }
    guard ["=", "<", ">", "<=", ">=", "~", "=~", "~=", "><"].contains(String(sign)) else {
      return .expected("\"=\" before the version")
    }
    let version = tail.dropFirst(sign.count)
    guard let first = version.utf8.first, RecipeText.isLetter(first) || RecipeText.isDigit(first),
      RecipeText.isWord(version, or: ".+~:_-")
    else { return .expected("a version after \"\(sign)\"") }
    return nil
  }

  /// A line of sources.list(5), or the URL of an Alpine repository.
  static let repository = TextForm("a repository") { text in
    if text.hasPrefix("deb-src ") {
      return .sentence("names source packages, which are not composed; write \"deb \"")
    }
    if text.hasPrefix("deb ") { return debian(text.dropFirst(4)) }
    var address = text[...]
    if address.hasPrefix("@") { address = address.drop { $0 != " " }.drop { $0 == " " } }
    let isURL = ["http", "https", "file"].contains(scheme(of: String(address)) ?? "")
    if (isURL && url.check(String(address)) == nil) || address.hasPrefix("/") { return nil }
    return .expected("\"deb [options] URL suite component…\", or a URL for Alpine")
  }

  /// Whether a repository is a line of sources.list(5).
  static func isDebianSource(_ text: String) -> Bool { text.hasPrefix("deb ") }

  private static func debian(_ line: Substring) -> Complaint? {
    var rest = line.drop { $0 == " " }
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else { return .expected("\"]\" after the options") }
      let options = rest[rest.index(after: rest.startIndex)..<end].split(separator: " ")
      if let complaint = options.lazy.compactMap(option).first { return complaint }
      rest = rest[rest.index(after: end)...]
    }
    let words = rest.split(separator: " ")
    guard let address = words.first, words.count >= 2 else {
      return .expected("\"deb [options] URL suite component…\"")
    }
    if let complaint = mirror.check(String(address)) { return complaint }
    let suite = words[1]
    guard RecipeText.isWord(suite, or: "._+~/-") else { return .expected("a suite after the URL") }
    if suite.hasSuffix("/") {
      return words.count == 2 ? nil : .expected("no component after a suite that ends with \"/\"")
    }
    guard words.count > 2, words.dropFirst(2).allSatisfy({ RecipeText.isWord($0, or: "._+/-") })
    else { return .expected("a component after the suite, such as \"main\"") }
    return nil
  }

  private static func option(_ option: Substring) -> Complaint? {
    guard let equals = option.firstIndex(of: "="), equals != option.startIndex,
      option.index(after: equals) != option.endIndex
    else { return .expected("options of the form name=value") }
    if option[..<equals] == "trusted" {
      return .sentence("would skip the check of signatures; remove the option \"trusted\"")
    }
    return nil
  }

  /// `debian-13`, `alpine-3.22`.
  static let distribution = TextForm("a distribution") { text in
    if isDistribution(text) { return nil }
    if text == "alpine-edge" {
      return .sentence(
        "names Alpine's edge, which is no release; write a release such as \"alpine-3.22\", and "
          + "name edge as a repository with a tag (\"@edge URL\")")
    }
    return .expected("a distribution such as \"debian-13\" or \"alpine-3.22\"")
  }

  static func isDistribution(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    let numbers = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard numbers.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(RecipeText.isDigit) }) else {
      return false
    }
    return parts[0] == "debian" && numbers.count == 1
      || parts[0] == "alpine" && numbers.count == 2
  }

  /// A moment, for the snapshot service.
  static let snapshot = TextForm("a moment") { text in
    SnapshotMoment.normalised(text) == nil
      ? .expected("a moment such as \"20251101T000000Z\" or \"2025-11-01\"") : nil
  }
}

/// Moments as the snapshot service names them.
enum SnapshotMoment {
  /// `YYYYMMDDTHHMMSSZ` of that, of `2025-11-01`, of `20251101` or of `2025-11-01T12:30:00Z`; nil for anything else.
  static func normalised(_ text: String) -> String? {
    let digits = text.utf8.filter(RecipeText.isDigit)
    let shape = String(
      decoding: text.utf8.map { RecipeText.isDigit($0) ? 0x39 : $0 }, as: UTF8.self)
    let shapes = [
      "99999999T999999Z", "9999-99-99", "99999999", "9999-99-99T99:99:99Z",
    ]
    guard shapes.contains(shape) else { return nil }
    let all = String(decoding: digits, as: UTF8.self)
    let padded = all.utf8.count == 8 ? all + "000000" : all
    let numbers = [(0, 4), (4, 2), (6, 2), (8, 2), (10, 2), (12, 2)].compactMap { start, count in
      Int(padded.dropFirst(start).prefix(count))
    }
    guard numbers.count == 6, isMoment(numbers) else { return nil }
    return padded.prefix(8) + "T" + padded.dropFirst(8) + "Z"
  }

  private static func isMoment(_ part: [Int]) -> Bool {
    let isLeap = part[0] % 4 == 0 && (part[0] % 100 != 0 || part[0] % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard part[0] >= 1990, (1...12).contains(part[1]), (1...days[part[1] - 1]).contains(part[2])
    else { return false }
    return part[3] < 24 && part[4] < 60 && part[5] < 60
  }
}
