/// Small Alpine packages that hold one of each thing composing deals with.
public enum SampleApks {
  public static let architectures = ["x86_64", "aarch64"]

  /// A C library: the loader, a link beside it, and a soname that others need.
  public static func musl(architecture: String = "x86_64") -> ApkBuilder {
    var apk = ApkBuilder(
      "musl", version: "1.2.5-r0", architecture: architecture,
      fields: [("provides", "so:libc.musl-\(architecture).so.1=1")])
    apk.directory("/lib")
    apk.file(
      "/lib/ld-musl-\(architecture).so.1", "\u{7F}ELF musl \(architecture)\n", mode: 0o755)
    apk.symlink(
      "/lib/libc.musl-\(architecture).so.1", to: "ld-musl-\(architecture).so.1")
    return apk
  }

  /// A program whose parts every hardening rule of modes and documents has something to do with, and whose pre-install
  /// script asks for the account that its state belongs to.
  public static func greet(
    _ version: String = "2.0-r1", architecture: String = "x86_64"
  ) -> ApkBuilder {
    var apk = ApkBuilder(
      "greet", version: version, architecture: architecture,
      fields: [
        ("depend", "greet-data>=1.0"), ("depend", "so:libc.musl-\(architecture).so.1"),
        ("depend", "/bin/sh"), ("provides", "cmd:greet=\(version)"),
      ])
    apk.scripts["pre-install"] = """
      #!/bin/sh
      addgroup -S -g 101 greet 2>/dev/null
      adduser -S -D -H -h /var/lib/greet -s /sbin/nologin -G greet -u 101 -g greet greet 2>/dev/null
      exit 0

      """
    apk.directory("/etc")
    apk.directory("/etc/greet")
    apk.file("/etc/greet/greet.conf", "greeting=hello\n")
    apk.directory("/usr")
    apk.directory("/usr/bin")
    apk.file("/usr/bin/greet", "\u{7F}ELF greet \(version) \(architecture)\n", mode: 0o755)
    apk.file("/usr/bin/greet-su", "\u{7F}ELF su\n", mode: 0o4755)
    apk.directory("/usr/share")
    apk.directory("/usr/share/man")
    apk.directory("/usr/share/man/man1")
    apk.file("/usr/share/man/man1/greet.1.gz", "manual\n")
    apk.directory("/var")
    apk.directory("/var/lib")
    apk.directory("/var/lib/greet", mode: 0o777, uid: 101, gid: 101)
    apk.file("/var/lib/greet/state", "0\n", mode: 0o666, uid: 101, gid: 101)
    return apk
  }

  /// What every architecture shares, with a hard link.
  public static func data() -> ApkBuilder {
    var apk = ApkBuilder("greet-data", version: "1.0-r3", architecture: "noarch")
    apk.directory("/usr")
    apk.directory("/usr/share")
    apk.directory("/usr/share/greet")
    apk.file("/usr/share/greet/words", "good day\n")
    apk.hardLink("/usr/share/greet/words.copy", to: "/usr/share/greet/words")
    return apk
  }

  /// The shell, whose script and trigger link applets.
  public static func busybox(architecture: String = "x86_64") -> ApkBuilder {
    let install = "#!/bin/busybox sh\n/bin/busybox --install -s\n"
    var apk = ApkBuilder(
      "busybox", version: "1.37.0-r0", architecture: architecture,
      fields: [
        ("depend", "so:libc.musl-\(architecture).so.1"), ("provides", "/bin/sh"),
        ("provider_priority", "60"),
        ("triggers", "/bin /usr/bin"),
      ])
    apk.scripts["post-install"] = install
    apk.scripts["trigger"] = install
    apk.directory("/bin")
    apk.file("/bin/busybox", "\u{7F}ELF busybox \(architecture)\n", mode: 0o755)
    apk.symlink("/bin/sh", to: "/bin/busybox")
    apk.directory("/etc")
    apk.directory("/etc/busybox-paths.d")
    apk.file("/etc/busybox-paths.d/busybox", "/bin/ls\n/usr/bin/env\n/usr/bin/greet\n")
    return apk
  }

  /// What every system begins with: its name and its first accounts.
  public static func osInformation() -> ApkBuilder {
    var apk = ApkBuilder("os-info", version: "3.22.0-r0", architecture: "noarch")
    apk.directory("/etc")
    apk.file("/etc/group", "root:x:0:root\n")
    apk.symlink("/etc/os-release", to: "../usr/lib/os-release")
    apk.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
    apk.file("/etc/shadow", "root:*::0:::::\n", mode: 0o640, gid: 42)
    apk.directory("/usr")
    apk.directory("/usr/lib")
    apk.file(
      "/usr/lib/os-release",
      "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME=\"Alpine Linux v3.22\"\n")
    return apk
  }

  /// What only a tagged repository has, beside a newer version of what the first one has too.
  public static func testing(architecture: String = "x86_64") -> [ApkBuilder] {
    var apk = ApkBuilder(
      "greet-extra", version: "0.1-r0", architecture: architecture,
      fields: [("depend", "greet")])
    apk.directory("/usr")
    apk.directory("/usr/lib")
    apk.file("/usr/lib/greet-extra", "\u{7F}ELF extra \(architecture)\n", mode: 0o755)
    return [apk, greet("3.0-r0", architecture: architecture)]
  }

  /// The packages of the first repository.
  public static func main(architecture: String = "x86_64") -> [ApkBuilder] {
    [
      musl(architecture: architecture), greet(architecture: architecture), data(),
      busybox(architecture: architecture), osInformation(),
    ]
  }
}
