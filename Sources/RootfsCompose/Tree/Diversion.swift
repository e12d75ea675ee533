/// A file name that one package has moved away in all others.
///
/// Source: dpkg-divert(1). Scripts are not run, so that only the common literal form in a `preinst` is seen:
/// `dpkg-divert --package NAME --add --rename --divert TO FROM`, with the options in any order and no variables.
/// As in dpkg a diversion is of the literal name: one of `/lib/x` leaves `/usr/lib/x` alone, which is how packages of
/// trixie guard their files while `/usr` is merged.
public struct Diversion: Sendable, Equatable {
  public let from: TreePath
  public let to: TreePath
  /// The package whose own file stays; nil where all packages' files move (`--local`).
  public let package: String?

  /// The literal diversions that a maintainer script of `package` adds.
  static func parse(_ script: String, package: String) -> [Diversion] {
    let joined = script.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.drop(while: \.isWhitespace) }
      .filter { !$0.hasPrefix("#") }
      .reduce(into: "") { text, line in
        text += line.hasSuffix("\\") ? line.dropLast() + " " : line + "\n"
      }
    return joined.split(separator: "\n").compactMap { command(words(in: $0), of: package) }
  }

  /// The words of a line up to the command's end, quotes around a whole word taken off.
  private static func words(in line: Substring) -> [Substring] {
    line.split(whereSeparator: \.isWhitespace)
      .prefix { !["||", "&&", ";", "|"].contains($0) && !$0.contains(">") }
      .map { word in
        let word = word.last == ";" ? word.dropLast() : word
        guard let quote = word.first, quote == "\"" || quote == "'", word.count > 1,
          word.last == quote
        else { return word }
        return word.dropFirst().dropLast()
      }
  }

  private static func command(_ words: [Substring], of owner: String) -> Diversion? {
    guard words.first == "dpkg-divert" else { return nil }
    var package: Substring? = owner[...]
    var (destination, original) = (Substring?.none, Substring?.none)
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      switch word {
      case "--add", "--rename", "--no-rename", "--quiet": break
      case "--local": package = nil
      case "--package": package = rest.popFirst()
      case "--divert": destination = rest.popFirst()
      case _ where word.hasPrefix("--package="): package = word.dropFirst("--package=".count)
      case _ where word.hasPrefix("--divert="): destination = word.dropFirst("--divert=".count)
      case _ where word.hasPrefix("-") || original != nil: return nil
      default: original = word
      }
    }
    guard let original, let from = literal(original) else { return nil }
    guard let to = literal(destination ?? original + ".distrib") else { return nil }
    return Diversion(from: from, to: to, package: package.map { String($0) })
  }

  private static func literal(_ word: Substring) -> TreePath? {
    let special: Set<Character> = ["$", "`", "*", "?", "[", "{", "~", "\"", "'", "\\"]
    guard word.hasPrefix("/"), !word.contains(where: special.contains) else { return nil }
    return TreePath(String(word)).flatMap { $0.isRoot ? nil : $0 }
  }
}
