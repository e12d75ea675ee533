import PkgResolve

extension Lockfile.Package {
  init(_ choice: Resolution.Package, url: String, digest: String, checksum: String?) {
    let package = choice.record
    let source =
      package.sourceVersion == package.version
      ? package.sourceName : "\(package.sourceName) (\(package.sourceVersion))"
    self.init(
      name: package.name, version: package.version, architecture: package.architecture,
      source: source, url: url, size: package.size, digest: digest, checksum: checksum,
      suite: package.origin.suite, reason: choice.reason)
  }

  /// What messages call the package's file: `libc6_2.41-12_amd64.deb`, `musl-1.2.5-r10.apk`.
  var fileName: String { checksum == nil ? label + ".deb" : label + ".apk" }

  /// The same without its ending, for what is shown of a package on its way.
  var label: String {
    checksum == nil ? "\(name)_\(version)_\(architecture)" : "\(name)-\(version)"
  }
}
