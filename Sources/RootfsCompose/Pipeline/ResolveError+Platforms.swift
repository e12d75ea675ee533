import OCIImage
import PkgResolve

extension ResolveError {
  /// What went wrong for some of several platforms, in their order and with their names; nil where nothing did.
  ///
  /// What is the same for all of them is told once and without names.
  static func joining(_ failures: [(Platform, ResolveError)], of count: Int) -> ResolveError? {
    guard let first = failures.first?.1 else { return nil }
    let isSame = failures.allSatisfy { $0.1.description == first.description }
    if isSame && failures.count == count { return first }
    let texts = failures.map { "\($1)\n  (for \($0))" }
    let rest = texts.joined(separator: "\n").dropFirst(first.subject.count)
    return ResolveError(
      first.code, first.subject, String(rest.drop { $0 == ":" || $0 == " " }),
      underlying: first)
  }
}
