extension PackagePool {
  /// The packages that meet one alternative: those of that name first, then those that provide it, each in order of
  /// preference.
  func matches(_ alternative: Alternative) -> [ID] {
    guard let anyArchitecture = qualification(alternative.qualifier) else { return [] }
    var found = [ID]()
    for id in candidates(named: alternative.name) {
      let record = self[id]
      // deb-control(5): only a package marked "allowed" may be depended on as ":any".
      if anyArchitecture && record.multiArch != .allowed { continue }
      if let constraint = alternative.constraint, !constraint.allows(record.debianVersion) {
        continue
      }
      found.append(id)
    }
    for provider in provisions(of: alternative.name) {
      if anyArchitecture && provider.qualifier != "any"
        && self[provider.package].multiArch != .allowed
      {
        continue
      }
      if provides(provider, alternative), !found.contains(provider.package) {
        found.append(provider.package)
      }
    }
    return found
  }

  /// The packages that a Conflicts or Breaks relation of a package excludes: never itself.
  func excluded(by alternative: Alternative, of package: ID) -> [ID] {
    // A qualifier narrows which architecture is excluded; ":any" excludes ours as well.
    guard qualification(alternative.qualifier) != nil else { return [] }
    let own = self[package].name
    var found = [ID]()
    for id in candidates(named: alternative.name) where self[id].name != own {
      if alternative.constraint?.allows(self[id].debianVersion) ?? true { found.append(id) }
    }
    for provider in provisions(of: alternative.name) where self[provider.package].name != own {
      if provides(provider, alternative), !found.contains(provider.package) {
        found.append(provider.package)
      }
    }
    return found
  }

  /// nil where the qualifier names a foreign architecture, else whether it is `any`.
  private func qualification(_ qualifier: String?) -> Bool? {
    switch qualifier {
    case nil, "native", architecture: false
    case "any": true
    default: nil
    }
  }

  private func provides(_ provider: Provider, _ alternative: Alternative) -> Bool {
    guard qualification(provider.qualifier) != nil else { return false }
    guard let constraint = alternative.constraint else { return true }
    // Policy §7.5: a relation that names a version is not met by a name provided without one.
    guard let version = provider.version else { return false }
    return constraint.allows(version)
  }
}
