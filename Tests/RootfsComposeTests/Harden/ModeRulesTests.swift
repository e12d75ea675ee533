import Testing

@testable import RootfsCompose

@Suite("Hardening rules about modes")
struct ModeRulesTests {
  @Test("setuid clears bits on files and directories")
  func setuid() throws {
    let tree = try SampleTree.make([
      "usr/bin/ping": SampleTree.program("ping", mode: 0o4755),
      "usr/bin/sudo": SampleTree.program("sudo", mode: 0o4755),
      "var/mail": .directory(mode: 0o2775, gid: 8),
    ])
    let hardened = try SampleTree.applying(
      SetuidRule(), to: tree, .init(exceptions: [SampleTree.exception("setuid", "/usr/bin/ping")]))
    #expect(
      hardened.outline == [
        "/usr dir 755", "/usr/bin dir 755", "/usr/bin/ping file 4755", "/usr/bin/sudo file 755",
        "/var dir 755", "/var/mail dir 775 0:8",
      ])
    #expect(
      hardened.deeds == [
        "changed /var/mail [setuid] set-user-ID or set-group-ID bit",
        "changed /usr/bin/sudo [setuid] set-user-ID or set-group-ID bit",
        "kept /usr/bin/ping [setuid] the recipe excepts it at recipe.yaml:7:3",
      ])
  }

  @Test("capabilities drops all that the kernel minds: lists, labels and an overlay's marks")
  func attributes() throws {
    var entry = SampleTree.program("x")
    entry.xattrs = [
      "security.selinux": [1], "system.posix_acl_access": [2], "trusted.overlay.opaque": [3],
      "user.overlay.opaque": [4], "user.note": [5],
    ]
    let hardened = try SampleTree.applying(CapabilitiesRule(), to: SampleTree.make(["a": entry]))
    #expect(hardened.outline == ["/a file 755 user.note"])
    #expect(
      hardened.deeds == [
        """
        changed /a [capabilities] extended attribute security.selinux, system.posix_acl_access, \
        trusted.overlay.opaque, user.overlay.opaque
        """
      ])
  }

  @Test("capabilities drops only the capability")
  func capabilities() throws {
    var entry = SampleTree.program("x")
    entry.xattrs = ["security.capability": [1], "user.note": [2]]
    let tree = try SampleTree.make(["bin/a": entry, "bin/b": entry])
    let hardened = try SampleTree.applying(
      CapabilitiesRule(), to: tree,
      .init(exceptions: [SampleTree.exception("capabilities", "/bin/b")]))
    #expect(
      hardened.outline == [
        "/bin dir 755", "/bin/a file 755 user.note",
        "/bin/b file 755 security.capability,user.note",
      ])
    #expect(
      hardened.deeds == [
        "kept /bin/b [capabilities] the recipe excepts it at recipe.yaml:7:3",
        "changed /bin/a [capabilities] file capability",
      ])
  }

  @Test("device-nodes drops nodes and pipes")
  func devices() throws {
    let tree = try SampleTree.make([
      "dev/null": FileEntry(kind: .characterDevice(major: 1, minor: 3), mode: 0o666),
      "dev/sda": FileEntry(kind: .blockDevice(major: 8, minor: 0), mode: 0o660),
      "run/initctl": FileEntry(kind: .fifo, mode: 0o600),
    ])
    let hardened = try SampleTree.applying(
      DeviceNodesRule(), to: tree,
      .init(exceptions: [SampleTree.exception("device-nodes", "/dev/null")]))
    #expect(hardened.outline == ["/dev dir 755", "/dev/null char 666", "/run dir 755"])
    #expect(
      hardened.deeds == [
        "dropped /run/initctl [device-nodes] named pipe",
        "dropped /dev/sda [device-nodes] device node",
        "kept /dev/null [device-nodes] the recipe excepts it at recipe.yaml:7:3",
      ])
  }

  @Test("world-writable leaves only a sticky /tmp")
  func worldWritable() throws {
    let tree = try SampleTree.make([
      "tmp": .directory(mode: 0o777), "var/tmp": .directory(mode: 0o1777),
      "srv/a": .file("a", mode: 0o666), "srv/b": .file("b", mode: 0o666),
      "srv/link": .symlink(to: "a"),
    ])
    let hardened = try SampleTree.applying(
      WorldWritableRule(), to: tree,
      .init(exceptions: [SampleTree.exception("world-writable", "/srv/b")]))
    #expect(
      hardened.outline == [
        "/srv dir 755", "/srv/a file 664", "/srv/b file 666", "/srv/link link a", "/tmp dir 1777",
        "/var dir 755", "/var/tmp dir 775",
      ])
  }

  @Test("world-writable makes a /tmp, and leaves sticky directories of dev images")
  func worldWritableInDev() throws {
    let tree = try SampleTree.make(["var/tmp": .directory(mode: 0o1777)])
    let hardened = try SampleTree.applying(WorldWritableRule(), to: tree, .init(variant: .dev))
    #expect(hardened.outline == ["/tmp dir 1777", "/var dir 755", "/var/tmp dir 1777"])
    #expect(hardened.deeds == ["added /tmp [world-writable] programs expect a /tmp"])
  }

  @Test("file-modes takes write permission from root's groups")
  func fileModes() throws {
    let tree = try SampleTree.make([
      "root": .directory(mode: 0o700), "usr/local": .directory(mode: 0o775, gid: 50),
      "home/app": .directory(mode: 0o770, uid: 1000, gid: 1000),
      "etc/odd": .file("x", mode: 0o1064), "etc/kept": .file("x", mode: 0o664),
    ])
    let hardened = try SampleTree.applying(
      FileModesRule(), to: tree,
      .init(exceptions: [SampleTree.exception("file-modes", "/etc/kept")]))
    #expect(
      hardened.outline == [
        "/etc dir 755", "/etc/kept file 664", "/etc/odd file 444", "/home dir 755",
        "/home/app dir 770 1000:1000", "/root dir 700", "/usr dir 755", "/usr/local dir 755 0:50",
      ])
  }
}
