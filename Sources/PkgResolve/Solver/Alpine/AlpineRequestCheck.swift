/// Looks up what was asked for before anything is chosen, so that all entries no index can answer are told at once.
struct AlpineRequestCheck {
  private let request: AlpineRequest
  private let pool: AlpinePool

  init(_ request: AlpineRequest, in pool: AlpinePool) {
    self.request = request
    self.pool = pool
  }

  /// Throws ``ResolveError``: `unknownPackage`, `unknownVersion`, `invalidRequest` for a tag that no index has, or
  /// `unsatisfiable` for a virtual name that leads to no package.
  func verify() throws(ResolveError) {
    let faults = request.items.compactMap(fault)
    guard let first = faults.first else { return }
    let rest = faults.dropFirst().map { "\n\($0)" }.joined()
    throw ResolveError(first.code, first.subject, first.message + rest)
  }

  private func fault(_ item: AlpineRequest.Item) -> ResolveError? {
    let dependency = item.dependency
    if let tag = dependency.tag, pool.bit(ofTag: tag) == nil {
      if let repository = request.unservedTags[tag] {
        return ResolveError(
          .invalidRequest, item.subject,
          "the repository of @\(tag), \(repository), has no index for \(pool.architecture); "
            + "leave the tag out, or name a repository that has one")
      }
      let tags = pool.tags.dropFirst().map { "@" + $0 }
      return ResolveError(
        .invalidRequest, item.subject,
        "no repository has the tag @\(tag); "
          + (tags.isEmpty ? "none has any" : "there are \(tags.joined(separator: ", "))"))
    }
    guard !dependency.isConflict else { return nil }
    let providers = pool.providers(of: dependency.name)
    guard pool.matches(dependency).isEmpty else { return nil }
    if let fault = excluded(item) { return fault }
    guard !providers.isEmpty else { return unknown(item) }
    let have = providers.prefix(8).map { provider in
      let isOwn = pool.package(provider.package).name == dependency.name
      guard let version = provider.version?.description else {
        return "one without a version (provided by \(pool.describe(provider.package)))"
      }
      return isOwn
        ? "\(version) (\(pool[provider.package].origin.place))"
        : "\(version) (provided by \(pool.describe(provider.package)))"
    }
    let more = providers.count > 8 ? " and \(providers.count - 8) more" : ""
    return ResolveError(
      .unknownVersion, item.subject, "there is only \(have.joined(separator: ", "))\(more)")
  }

  /// Where nothing but packages that the request excludes would meet an entry.
  private func excluded(_ item: AlpineRequest.Item) -> ResolveError? {
    let names = Set(
      pool.excludedProviders(of: pool.id(ofName: item.dependency.name))
        .filter { item.dependency.matches($0.version) }.map { pool[$0.package].name })
    guard !names.isEmpty else { return nil }
    let places = request.exclusions.filter { names.contains($0.name) }.map(\.place)
    return ResolveError(
      .unsatisfiable, item.subject,
      "only \(names.sorted().joined(separator: ", ")) would meet it, which the request excludes "
        + "(\(places.joined(separator: ", "))); remove one of the two entries")
  }

  private func unknown(_ item: AlpineRequest.Item) -> ResolveError {
    let near = nearNames(of: item.dependency.name, among: pool.packageNames)
    return ResolveError(
      .unknownPackage, item.subject,
      "no package has or provides this name in \(pool.origins.joined(separator: ", ")); "
        + (near.isEmpty ? "check the name" : "near names: \(near.joined(separator: ", "))"))
  }
}
