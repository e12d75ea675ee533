/// Small packages that hold one of each thing composing deals with.
public enum SamplePackages {
  /// A program whose parts every hardening rule of modes and documents has something to do with.
  ///
  /// Ships `/bin` as old packages do, needs `libgreet` and, through it, a shell.
  public static func hello(_ version: String = "1.0-1", architecture: String = "amd64")
    -> DebBuilder
  {
    var deb = DebBuilder(
      "hello", version: version, architecture: architecture,
      fields: [("Depends", "libgreet (>= 1.0), hello-data")])
    deb.directory("/bin")
    deb.file("/bin/hello", "\u{7F}ELF hello \(version) \(architecture)\n", mode: 0o755)
    deb.directory("/usr")
    deb.directory("/usr/bin")
    deb.file("/usr/bin/hello-su", "\u{7F}ELF su\n", mode: 0o4755)
    deb.directory("/etc")
    deb.directory("/etc/hello")
    deb.file("/etc/hello/hello.conf", "greeting=hello\n")
    deb.directory("/var")
    deb.directory("/var/lib")
    deb.directory("/var/lib/hello", mode: 0o777)
    deb.file("/var/lib/hello/state", "0\n", mode: 0o666, uid: 7, gid: 8)
    deb.file("/usr/share/doc/hello/copyright", "Free.\n")
    deb.file("/usr/share/doc/hello/changelog.Debian.gz", "changes\n")
    deb.file("/usr/share/man/man1/hello.1.gz", "manual\n")
    deb.file("/usr/share/locale/de/LC_MESSAGES/hello.mo", "Hallo\n")
    deb.scripts["md5sums"] = """
      0123456789abcdef0123456789abcdef  bin/hello
      00000000000000000000000000000001  usr/bin/hello-su
      00000000000000000000000000000002  usr/share/doc/hello/copyright
      00000000000000000000000000000003  usr/share/man/man1/hello.1.gz

      """
    deb.scripts["conffiles"] = "/etc/hello/hello.conf\n"
    return deb
  }

  /// A library below the old `/lib`, with links of both kinds.
  public static func library(architecture: String = "amd64") -> DebBuilder {
    var deb = DebBuilder(
      "libgreet1", version: "1.0-1", architecture: architecture,
      fields: [("Provides", "libgreet (= 1.0)"), ("Depends", "demoshell")], compression: .zstd)
    deb.directory("/lib")
    deb.directory("/lib/greet")
    deb.file("/lib/greet/libgreet.so.1.0", "\u{7F}ELF greet \(architecture)\n")
    deb.symlink("/lib/greet/libgreet.so.1", to: "libgreet.so.1.0")
    deb.file("/usr/share/greet/words", "good day\n")
    deb.hardLink("/usr/share/greet/words.copy", to: "/usr/share/greet/words")
    return deb
  }

  /// `/bin/sh`, which no runtime image keeps.
  public static func shell(architecture: String = "amd64") -> DebBuilder {
    var deb = DebBuilder(
      "demoshell", version: "3.0", architecture: architecture, compression: .gzip)
    deb.file("/bin/dash", "\u{7F}ELF shell \(architecture)\n", mode: 0o755)
    deb.symlink("/bin/sh", to: "dash")
    deb.file("/usr/share/doc/demoshell/copyright", "Free too.\n")
    return deb
  }

  public static func data() -> DebBuilder {
    var deb = DebBuilder("hello-data", version: "1:2.0", architecture: "all", compression: .none)
    deb.file("/usr/share/hello/data", "data\n")
    deb.file("/usr/share/hello/unwanted", "unwanted\n")
    deb.file("/usr/share/hello/large/one", "one\n")
    deb.file("/usr/share/hello/large/two", "two\n")
    return deb
  }

  public static func osRelease() -> DebBuilder {
    var deb = DebBuilder("os-info", version: "13", architecture: "all")
    deb.file(
      "/usr/lib/os-release",
      "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nVERSION_ID=\"13\"\nID=debian\n")
    deb.symlink("/etc/os-release", to: "../usr/lib/os-release")
    return deb
  }

  /// All of them, for both architectures.
  public static func all(hello version: String = "1.0-1") -> [DebBuilder] {
    ["amd64", "arm64"].flatMap {
      [hello(version, architecture: $0), library(architecture: $0), shell(architecture: $0)]
    } + [data(), osRelease()]
  }

  public static let architectures = ["amd64", "arm64"]
}
