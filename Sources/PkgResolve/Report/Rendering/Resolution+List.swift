extension Resolution {
  /// One line a package, `NAME=VERSION ARCH`, sorted by bytes.
  public func listText() -> String {
    packages
      .map { printable("\($0.record.name)=\($0.record.version) \($0.record.architecture)") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .map { $0 + "\n" }.joined()
  }
}
