/// An image is replaced, never upgraded in place: package managers, their databases and settings have no use in it.
///
/// The inventory that scanners read, `/var/lib/dpkg/status.d`, stays, as do copyright files; Alpine's,
/// `/lib/apk/db/installed`, is written once all rules are through. A recipe that names a
/// package manager's package keeps what that package ships, and the output says so.
struct PackageManagersRule: PathRule {
  let name = "package-managers"
  let summary = "drops package managers, their databases, settings and caches"
  let variants: Set<Definition.Variant> = [.runtime, .helm]

  private static let packages: Set<String> = [
    "apk-tools", "apk-tools-static", "apt", "apt-transport-https", "apt-utils", "aptitude",
    "aptitude-common",
    "cdebconf", "debconf", "debconf-i18n", "debconf-utils", "dnf", "dpkg", "dpkg-dev", "dselect",
    "gdebi", "gdebi-core", "microdnf", "nala", "opkg", "packagekit", "packagekit-tools",
    "pacman-package-manager", "rpm", "rpm-common", "snapd", "synaptic", "ucf",
    "unattended-upgrades", "yum", "zypper",
  ]

  private static let programs: Set<String> = [
    "apk", "apk.static", "apt", "aptitude", "debconf", "dnf", "dpkg", "dselect", "gdebi",
    "microdnf", "nala",
    "opkg",
    "pacman", "pkcon", "rpm", "rpmdb", "rpmkeys", "snap", "synaptic", "ucf", "ucfq", "ucfr",
    "update-alternatives",
    "unattended-upgrade", "unattended-upgrades", "yum", "zypper",
  ]

  private static let programPrefixes = ["apt-", "debconf-", "dpkg-"]

  /// Directories and files by the package that uses them.
  private static let places: [(package: String, paths: [TreePath])] = [
    (
      "apt",
      [
        "etc/apt", "usr/lib/apt", "usr/libexec/apt", "usr/share/apt", "var/lib/apt",
        "var/cache/apt", "var/log/apt",
      ]
    ),
    (
      "dpkg",
      [
        "etc/dpkg", "usr/lib/dpkg", "usr/libexec/dpkg", "usr/share/dpkg", "var/lib/dpkg",
        "usr/share/perl5/Dpkg", "usr/share/perl5/Dpkg.pm", "var/log/dpkg.log",
        "var/log/alternatives.log",
      ]
    ),
    (
      "debconf",
      [
        "etc/debconf.conf", "usr/share/debconf",
        "usr/share/perl5/Debconf", "usr/share/perl5/Debian/DebConf", "var/cache/debconf",
        "var/lib/debconf",
      ]
    ),
    ("ucf", ["etc/ucf.conf", "usr/share/ucf", "var/lib/ucf"]),
    (
      "apk-tools",
      [
        "etc/apk", "lib/apk", "usr/lib/apk", "usr/share/apk", "var/cache/apk", "var/lib/apk",
        "var/log/apk.log",
      ]
    ),
    ("rpm", ["etc/rpm", "usr/lib/rpm", "usr/lib/sysimage/rpm", "var/lib/rpm"]),
  ]

  private static let allPlaces = PlaceSet(places.flatMap(\.paths))

  private static let inventory: TreePath = "var/lib/dpkg/status.d"
  private static let documentation: TreePath = "usr/share/doc"

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    let owners = tree.ledger.owners
    let files = tree.tree
    return { path, entry in
      if path.isWithin(Self.inventory) || path.isWithin(Self.documentation) { return nil }
      let owner = owners[path]
      if let package = Self.place(of: path) {
        let user = owner ?? package
        if context.requestedPackages.contains(user) || context.requestedPackages.contains(package) {
          return nil
        }
        return .drop("belongs to the package manager \(package)")
      }
      guard !entry.isDirectory else { return nil }
      if let owner, context.requestedPackages.contains(owner) {
        return Self.isProgram(path) ? .keep("the recipe names \(owner)") : nil
      }
      if Self.isProgram(path) { return .drop("package manager") }
      if let owner, Self.packages.contains(owner) { return .drop("part of \(owner)") }
      guard entry.isSymlink, let landing = files.resolve(path), landing != path,
        Self.isProgram(landing)
      else { return nil }
      if let target = owners[landing], context.requestedPackages.contains(target) {
        return .keep("the recipe names \(target)")
      }
      return .drop("leads to the package manager \(landing)")
    }
  }

  func apply(to tree: inout ComposedTree, context: HardeningContext) throws(ComposeError) {
    let kept = try sweep(&tree, context).filter(Self.isProgram)
    guard !kept.isEmpty else { return }
    let names = kept.map(\.description).joined(separator: ", ")
    tree.warn("the image keeps a package manager, because the recipe names its package: \(names)")
  }

  private static func isProgram(_ path: TreePath) -> Bool {
    let parent = path.parentName
    guard parent.elementsEqual("bin".utf8) || parent.elementsEqual("sbin".utf8) else {
      return false
    }
    let name = path.nameText
    return programs.contains(name) || programPrefixes.contains { name.hasPrefix($0) }
  }

  private static func place(of path: TreePath) -> String? {
    guard allPlaces.holds(path) else { return nil }
    return places.first { $0.paths.contains(where: path.isWithin) }?.package
  }
}
