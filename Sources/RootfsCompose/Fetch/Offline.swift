/// Marks an error that says that something is not at hand, where no server may be asked for it.
struct NotInStore: Error {}

extension ComposeError {
  /// The error for what would have to be fetched, where that is forbidden.
  static func notInStore(_ subject: String) -> ComposeError {
    ComposeError(
      .network, subject,
      "not in the store, and --offline forbids fetching it; run the command once without --offline, "
        + "or give --bundle a file that holds it",
      underlying: NotInStore())
  }

  /// Whether it says that nothing was asked.
  var isNotInStore: Bool { underlying is NotInStore }

  /// Whether another place may have what this one lacks: it is not there, or its server may not be asked.
  var isAbsence: Bool { code == .notFound || isNotInStore }
}
