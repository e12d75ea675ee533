extension TextForm {
  /// A path of the image: absolute, and never above its root.
  static let imagePath = TextForm("an absolute path") { text in
    guard TreePath(text) != nil else { return climbing(text) }
    if text.hasPrefix("/") { return nil }
    return .expected("an absolute path", advice: "write \(RecipeText.quoted("/" + text))")
  }

  private static func climbing(_ text: String) -> Complaint {
    if text.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) }
    ) {
      return .sentence("leaves the tree; write an absolute path without \"..\"")
    }
    return .expected("a path of at most \(TreePath.maximumLength) bytes without NUL")
  }

  /// A pattern of paths of the image: `/usr/share/doc/**`.
  static let pathPattern = TextForm("an absolute path or pattern") { text in
    imagePath.check(text).map { complaint in
      if case .expected(_, let advice) = complaint {
        return .expected(
          "an absolute path or pattern such as \"/usr/share/doc/**\"", advice: advice)
      }
      return complaint
    }
  }

  /// Permission bits as octal text.
  static let mode = TextForm("an octal mode") { text in
    mode(text) == nil
      ? .expected("an octal mode from \"0000\" to \"07777\", such as \"0755\"") : nil
  }

  /// Reads `0755`, `755`, `1777`, `02775`; nil for anything else.
  static func mode(_ text: String) -> UInt16? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
      let mode = UInt16(text, radix: 8), mode <= 0o7777
    else { return nil }
    return mode
  }

  /// Where a file's content comes from. Which of these can be served is asked when the recipe is built.
  static let fileSource = TextForm("an https URL or a path") { text in
    scheme(of: text) != nil ? url.check(text) : localPath.check(text)
  }

  /// A file or folder beside the recipe.
  static let localPath = TextForm("a path relative to the recipe") { text in
    if text.isEmpty || text.utf8.contains(0) { return .expected("a path relative to the recipe") }
    let path = text.hasPrefix("file://") ? String(text.dropFirst(7)) : text
    if path.hasPrefix("/") {
      return .sentence("is outside the recipe's folder; write a path relative to the recipe")
    }
    if TreePath(path) == nil {
      return .sentence("leaves the recipe's folder; write a path below it")
    }
    return nil
  }

  /// The scheme in front of `://`, in lower case.
  static func scheme(of text: String) -> String? {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
    let scheme = text[..<colon]
    guard let first = scheme.utf8.first, RecipeText.isLetter(first),
      RecipeText.isWord(scheme, or: "+-.")
    else { return nil }
    return scheme.lowercased()
  }

  static let url = TextForm("a URL") { text in
    guard let scheme = scheme(of: text) else { return .expected("a URL") }
    let rest = text.dropFirst(scheme.utf8.count + 3)
    let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if host.isEmpty && scheme != "file" { return .expected("a URL with a host") }
    if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) {
      return .expected("a URL without spaces")
    }
    return nil
  }

  /// A key file: a URL, or a path of the host or beside the recipe.
  static let keyring = TextForm("an https URL or a path") { text in
    if scheme(of: text) != nil { return url.check(text) }
    return text.isEmpty || text.utf8.contains(0) ? .expected("an https URL or a path") : nil
  }

  /// `sha256:` and digits; also the forms that published definitions hold for builds, which composing refuses.
  static let checksum = TextForm("sha256: and 64 hexadecimal digits") { text in
    let sizes = ["sha256": 64, "sha512": 128]
    if scheme(of: text) != nil { return url.check(text) }
    guard let colon = text.firstIndex(of: ":") else {
      let isCommit = text.utf8.count == 40 && text.utf8.allSatisfy(RecipeText.isHexadecimal)
      return isCommit ? nil : .expected("sha256: and 64 hexadecimal digits")
    }
    let digits = text[text.index(after: colon)...]
    guard let size = sizes[String(text[..<colon])] else {
      return .sentence("has an unknown algorithm; write sha256: and 64 hexadecimal digits")
    }
    let valid =
      digits.utf8.count == size
      && digits.utf8.allSatisfy { RecipeText.isDigit($0) || (0x61...0x66).contains($0) }
    return valid ? nil : .expected("\(text[..<colon]): and \(size) lower-case hexadecimal digits")
  }

  /// The base of a mirror: a URL or a folder.
  static let mirror = TextForm("a URL or an absolute path") { text in
    if let scheme = scheme(of: text) {
      if ["http", "https", "file"].contains(scheme) { return url.check(text) }
      return .expected("an http, https or file URL, or an absolute path")
    }
    let isPath = text.hasPrefix("/") && !text.utf8.contains(0)
    return isPath ? nil : .expected("an http, https or file URL, or an absolute path")
  }
}
