/// The public keys that sign Debian's archives, for hosts without Debian's own keyring.
///
/// Source: the package debian-archive-keyring 2023.3+deb12u2, signatures by other keys left out. An archive's indexes
/// are signed by the keys of the release and of those next to it.
enum DebianArchiveKeys {
  /// Armored (RFC 9580 §6.2).
  static let armored = [
    bookwormAutomatic, bookwormSecurity, bookwormStable, trixieAutomatic, trixieSecurity,
    trixieStable,
  ]
}
