import OCIImage
import PkgResolve

/// The parts of a verified Release file that choosing and checking indexes needs.
///
/// Source: Debian's repository format, "Release files" (wiki.debian.org/DebianRepository/Format).
struct ReleaseFile: Sendable {
  struct Entry: Sendable, Equatable {
    let digest: Digest
    /// In bytes.
    let size: Int64
  }

  let subject: String
  let origin: String?
  let suite: String?
  let codename: String?
  let date: ArchiveDate
  let validUntil: ArchiveDate?
  let architectures: [String]
  let components: [String]
  let acquireByHash: Bool
  /// How much its packages are preferred where nobody says otherwise: 500, 100 for backports (NotAutomatic with
  /// ButAutomaticUpgrades), 1 for experimental (NotAutomatic). Source: apt_preferences(5).
  let priority: Int
  /// Whether packages for all architectures stand in each architecture's index.
  let mergesArchitectureAll: Bool
  /// By path below the suite's folder.
  let files: [String: Entry]

  /// Reads the signed text. Throws ``ComposeError`` with the code `invalidArchive`.
  init(_ text: [UInt8], subject: String) throws(ComposeError) {
    self.subject = subject
    let stanzas: [ControlStanza]
    do {
      stanzas = try ControlStanza.parse(text, name: subject)
    } catch {
      throw ComposeError(.invalidArchive, error.subject, error.message, underlying: error)
    }
    guard let stanza = stanzas.first, stanzas.count == 1 else {
      throw ComposeError(
        .invalidArchive, subject, "holds \(stanzas.count) stanzas; expected a Release file of one")
    }
    origin = stanza["Origin"]
    suite = stanza["Suite"]
    codename = stanza["Codename"]
    guard let date = try Self.date(stanza, "Date", subject) else {
      throw ComposeError(.invalidArchive, subject, "has no Date; expected a Release file")
    }
    self.date = date
    validUntil = try Self.date(stanza, "Valid-Until", subject)
    architectures = stanza.words("Architectures").map(String.init)
    components = stanza.words("Components").map(String.init)
    let isNotAutomatic = stanza["NotAutomatic"]?.lowercased() == "yes"
    let mayUpgrade = stanza["ButAutomaticUpgrades"]?.lowercased() == "yes"
    priority = !isNotAutomatic ? 500 : mayUpgrade ? 100 : 1
    acquireByHash = stanza["Acquire-By-Hash"]?.lowercased() == "yes"
    mergesArchitectureAll =
      !architectures.contains("all")
      || stanza.words("No-Support-for-Architecture-all").contains("Packages")
    files = try Self.files(stanza, subject)
  }

  private static func date(
    _ stanza: ControlStanza, _ field: String, _ subject: String
  ) throws(ComposeError) -> ArchiveDate? {
    guard let text = stanza[field] else { return nil }
    guard let date = ArchiveDate(internet: text) else {
      throw ComposeError(
        .invalidArchive, subject,
        "\(field) is \"\(text.prefix(60))\"; expected a date such as Sat, 06 Sep 2025 10:11:12 UTC")
    }
    return date
  }

  private static func files(
    _ stanza: ControlStanza, _ subject: String
  ) throws(ComposeError) -> [String: Entry] {
    guard stanza["SHA256"] != nil else {
      throw ComposeError(
        .invalidArchive, subject, "has no SHA256 digests; expected a Release file of this century")
    }
    var files = [String: Entry]()
    for line in stanza.lines("SHA256") {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count == 3, let digest = Digest(words[0].lowercased()),
        let size = Int64(words[1]), size >= 0
      else {
        throw ComposeError(
          .invalidArchive, subject,
          "SHA256 has the line \"\(line.prefix(120))\"; expected digest, size and path")
      }
      let entry = Entry(digest: digest, size: size)
      let path = String(words[2])
      if let other = files.updateValue(entry, forKey: path), other != entry {
        throw ComposeError(.invalidArchive, subject, "SHA256 lists \(path) twice, differently")
      }
    }
    return files
  }

  /// Checks that this is the suite asked for: a mirror could serve another one, signed by the same key.
  func checkSuite(_ asked: String) throws(ComposeError) {
    guard suite == asked || codename == asked else {
      throw ComposeError(
        .unverified, subject,
        "expected the suite \(asked), found suite \(suite ?? "none") with codename "
          + "\(codename ?? "none"); the mirror serves the wrong file")
    }
  }

  /// Checks the dates; true where an expired file was let pass.
  ///
  /// `moment` is what `Valid-Until` is held against. Throws ``ComposeError`` with the codes `unverified` for a file
  /// from the future (over ten seconds, apt's own tolerance) and `expired`.
  func checkDates(
    now: ArchiveDate, moment: ArchiveDate?, allowExpired: Bool
  ) throws(ComposeError) -> Bool {
    guard date.seconds <= now.seconds + 10 else {
      throw ComposeError(
        .unverified, subject,
        "is dated \(date.rfc3339), which is in the future; expected at most \(now.rfc3339): "
          + "set this machine's clock, or do not use this mirror")
    }
    guard let validUntil, validUntil < now else { return false }
    if let moment, moment <= validUntil { return true }
    if allowExpired { return true }
    throw ComposeError(
      .expired, subject,
      "was valid until \(validUntil.rfc3339), and it is \(now.rfc3339): the mirror is out of date; "
        + "use another mirror, or allow expired indexes with --allow-expired")
  }
}
