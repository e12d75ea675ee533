extension PackageRecord {
  /// `sha256:` and the digits.
  var digest: String? { "sha256:" + sha256 }
}
