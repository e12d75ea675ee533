import FoundationEssentials
import TestSupport
import Testing

@testable import RootfsCompose

/// What handlers do in place of real packages' scripts, beside what the real busybox does in a chroot.
@Suite(.serialized)
struct AlpineRealScriptsTests {
  /// Enough to run a script.
  private static let base = [
    "musl", "busybox", "busybox-binsh", "alpine-baselayout-data", "alpine-baselayout",
  ]
  private static let others = [
    "busybox-suid", "doas", "openrc", "tiny-cloud", "tiny-cloud-alpine",
  ]

  /// A root that the real scripts are run in, by the real busybox.
  private struct RealRoot {
    let packages: RecordedAlpine
    let scratch: TemporaryDirectory
    var path: String { scratch.path }

    init() throws {
      packages = try RecordedAlpine.x86()
      scratch = try TemporaryDirectory()
      _ = try packages.unpack(["musl", "busybox"], into: scratch.path)
    }

    func busybox(_ arguments: [String], input: [UInt8] = []) throws {
      let chroot = try #require(HostProgram.find("chroot"))
      let environment = ["/bin/busybox", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
      try chroot.check([path] + environment + arguments, input: input)
    }

    /// Runs a script as apk does, by its interpreter's name: another test's child may still hold the file open that is
    /// written here, and then it cannot be executed itself.
    func run(_ script: [UInt8], _ arguments: [String]) throws {
      try scratch.write(script, to: ".script")
      try busybox(["/bin/busybox", "sh", "/.script"] + arguments)
      try FileManager.default.removeItem(atPath: scratch.file(".script"))
    }

    /// With busybox's own tar, which as apk does asks the root's accounts for the owners' numbers.
    func unpack(_ name: String) throws {
      let bytes = Array(
        try Data(contentsOf: URL(filePath: try packages.file(of: name))))
      try busybox(["/bin/busybox", "tar", "-xzf", "-"], input: bytes)
      for file in try FileManager.default.contentsOfDirectory(atPath: path)
      where file.hasPrefix(".") {
        try FileManager.default.removeItem(atPath: scratch.file(file))
      }
    }

    func install(_ names: [String]) throws {
      for name in names {
        let scripts = try packages.scripts(of: name)
        if let script = scripts.scripts["pre-install"] { try run(script, [scripts.version]) }
        try unpack(name)
        if let script = scripts.scripts["post-install"] { try run(script, [scripts.version]) }
      }
    }

    /// The root as a tree; `/dev/null`, a plain file where no device was made, left out.
    func tree() throws -> FileTree {
      var tree = try treeOnDisk(path)
      tree.remove("dev/null")
      return tree
    }
  }

  private func composed(
    _ names: [String], extra: [PackageScripts] = [], epoch: Int64, isRuntime: Bool = false
  ) throws -> ComposedTree {
    let packages = try RecordedAlpine.x86()
    let scratch = try TemporaryDirectory()
    var ledger = Ledger()
    ledger.owners = try packages.unpack(names, into: scratch.path)
    var result = ComposedTree(tree: try treeOnDisk(scratch.path), ledger: ledger)
    let scripts = try names.map { try packages.scripts(of: $0) } + extra
    try ScriptHandlers.apply(
      to: &result, packages: scripts, context: alpineContext(isRuntime: isRuntime, epoch: epoch))
    return result
  }

  /// The day on which busybox made an account of the root.
  private func day(of user: String, in tree: FileTree) throws -> Int64 {
    let shadow = try #require(try tree["etc/shadow"]?.content?.text())
    let line = try #require(shadow.split(separator: "\n").first { $0.hasPrefix(user + ":") })
    let fields = line.split(separator: ":", omittingEmptySubsequences: false)
    return try #require(Int64(fields[2]))
  }

  @Test(.enabled(if: RecordedAlpine.canRun, "needs root, chroot and the Alpine mirror"))
  func leavesTheTreeThatTheScriptsLeave() throws {
    let names = Self.base + Self.others
    let real = try RealRoot()
    try real.install(names)
    let trigger = try real.packages.scripts(of: "busybox")
    try real.run(
      try #require(trigger.scripts["trigger"]), ["/bin", "/sbin", "/usr/bin", "/usr/sbin"])
    let expected = try real.tree()

    let ours = try composed(names, epoch: 0)
    // Nothing here runs sed.
    let onlyReal = treeLines(expected).subtracting(treeLines(ours.tree)).sorted()
    let onlyOurs = treeLines(ours.tree).subtracting(treeLines(expected)).sorted()
    for lines in [onlyReal, onlyOurs] {
      #expect(lines.count == 1)
      #expect(lines.first?.hasPrefix("/etc/tiny-cloud.conf 644 0:0 file ") == true, "\(lines)")
    }
    #expect(
      ours.ledger.warnings == [
        "tiny-cloud-alpine 3.0.7-r0: no handler covers all of its scripts: post-install would run "
          + "`sed -Ee s/^#?CLOUD=.*/CLOUD=alpine/ -Ee s/^HOTPLUG_MODULES=.*/#HOTPLUG_MODULES=/ "
          + "/lib/tiny-cloud/tin`"
      ])
    #expect(try ours.entryText("bin/mount") == "link /bin/bbsuid")
    #expect(try ours.entryText("usr/bin/[") == "link /bin/busybox")
  }

  /// Each command is one that packages use, or one that busybox refuses.
  private static let accounts = """
    #!/bin/sh
    addgroup -S -g 42 shadow 2>/dev/null
    addgroup -S nginx 2>/dev/null
    addgroup -S -g 82 www-data 2>/dev/null
    adduser -S -D -H -h /var/lib/nginx -s /sbin/nologin -G nginx -g nginx nginx 2>/dev/null
    addgroup nginx www-data 2>/dev/null
    addgroup nginx www-data
    adduser nginx audio
    addgroup -g 70 -S postgres 2>/dev/null
    adduser -u 70 -S -D -h /var/lib/postgresql -s /bin/sh -G postgres -g "Postgres user" postgres
    adduser -SDh/var/empty -Gnginx -g "" -s/bin/false clustered
    adduser --system --disabled-password --home=/opt/long --no-create-home --ingroup nginx long
    adduser -D person
    adduser -D -u 1000 taken
    adduser -D -u 5000 far
    addgroup -g 300 occupied
    addgroup --gid 301 --system numbered
    addgroup plain
    adduser -S -D -G nowhere lost
    adduser -S -D bare
    adduser -S -D bare
    adduser -S -D -h /no/parent/home orphan
    adduser -D -G users -s /bin/ash member
    adduser -S -D -H -h /dev/null nothing
    addgroup lost nginx
    addgroup nginx lost
    adduser -S -D plain
    adduser -D numbered
    cd /var
    mkdir -p relative/made
    chown nginx:www-data relative/made
    chmod 2770 relative/made
    cd /
    add-shell /bin/zsh /bin/ash /usr/bin/fish
    remove-shell /bin/sh
    echo /bin/last >> etc/shells
    exit 0
    """

  @Test(
    .enabled(if: RecordedAlpine.canRun, "needs root, chroot and the Alpine mirror"),
    arguments: [false, true])
  func makesTheAccountsThatBusyboxMakes(hasSkeleton: Bool) throws {
    var script = Self.accounts
    if hasSkeleton {
      script =
        "#!/bin/sh\nmkdir -p /etc/skel/.config\necho x > /etc/skel/.config/x\n" + script
        + "\ntouch /etc/gshadow\n"
    }
    let real = try RealRoot()
    try real.install(Array(Self.base.dropFirst(2)))
    try real.busybox(["/bin/busybox", "mkdir", "-p", "/usr/bin", "/usr/sbin"])
    try real.busybox(["/bin/busybox", "--install", "-s"])
    try real.run(Array(script.utf8), ["1.0-r0"])
    var expected = try real.tree()
    // A home that alpine-baselayout ships: apk, which does not run here, gives it its rights back.
    expected.update("var/empty") { ($0.mode, $0.uid, $0.gid) = (0o555, 0, 0) }

    let package = scriptPackage("accounts", ["post-install": script])
    let ours = try composed(
      Self.base, extra: [package], epoch: try day(of: "person", in: expected) * 86_400)
    #expect(treeLines(expected).subtracting(treeLines(ours.tree)).sorted() == [])
    #expect(treeLines(ours.tree).subtracting(treeLines(expected)).sorted() == [])
    for file in ["etc/passwd", "etc/group", "etc/shadow", "etc/shells"] {
      let path = try #require(TreePath(file))
      #expect(try ours.tree[path]?.content?.text() == expected[path]?.content?.text(), "\(file)")
    }
    #expect(ours.ledger.scripts.filter { $0.handlers.isEmpty } == [])
  }
}
