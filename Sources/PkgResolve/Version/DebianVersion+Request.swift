extension DebianVersion {
  /// How well a version answers to one that was asked for.
  public enum Match: Sendable, Comparable {
    case none
    /// What was asked for left out the epoch, the revision or both, and agrees in all it names.
    case partial
    /// The same version.
    case exact
  }

  /// Compares with a version in which the epoch or the Debian revision may be left out, as the published image
  /// definitions write it: `curl=8.14.1` stands for `8.14.1-2+deb13u3`, `vim=9.1.1230-2` for `2:9.1.1230-2`.
  ///
  /// Nothing else is left to guess: `5.2.37-2` does not stand for the rebuild `5.2.37-2+b5`.
  public func matches(requested: DebianVersion) -> Match {
    if self == requested { return .exact }
    if requested.hasEpoch && requested.epoch != epoch { return .none }
    return withParts { upstream, revision in
      requested.withParts { wantedUpstream, wantedRevision in
        if comparePart(upstream, wantedUpstream) == 0
          && (requested.revision == nil || comparePart(revision, wantedRevision) == 0)
        {
          return .partial
        }
        // A hyphen in what was asked for may belong to the upstream part: "1.2-3" for "1.2-3-1".
        guard requested.revision != nil, let start = wantedUpstream.baseAddress else {
          return .none
        }
        let whole = UnsafeBufferPointer(
          start: start, count: wantedUpstream.count + 1 + wantedRevision.count)
        return comparePart(upstream, whole) == 0 ? .partial : .none
      }
    }
  }
}
