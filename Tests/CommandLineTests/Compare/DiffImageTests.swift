import FoundationEssentials
import TestSupport
import Testing

/// `diff` of two composed images, in all three forms.
@Suite struct DiffImageTests {
  private let scratch: TemporaryDirectory

  init() throws {
    scratch = try TemporaryDirectory()
    try Self.build("old", Self.app("1.0-1"), in: scratch)
    try Self.build("new", Self.app("1.0-2"), in: scratch)
  }

  /// Two versions of a program; the newer one has a set-user-ID bit, a file more and a link elsewhere.
  private static func app(_ version: String) -> [DebBuilder] {
    let isNew = version == "1.0-2"
    var app = DebBuilder(
      "app", version: version, fields: [("Depends", isNew ? "libnew" : "libold")])
    app.file("/usr/bin/app", "\u{7F}ELF \(version)\n", mode: 0o755)
    app.file("/usr/bin/helper", "\u{7F}ELF helper\n", mode: isNew ? 0o4755 : 0o755)
    app.file("/usr/share/app/kept", "kept\n")
    app.file("/usr/share/app/state", "state\n", uid: 0, gid: isNew ? 8 : 0)
    app.symlink("/usr/share/app/link", to: isNew ? "state" : "kept")
    if isNew { app.file("/usr/share/app/more", "more | than\n") }
    app.scripts["md5sums"] = ["bin/app", "bin/helper", "share/app/kept", "share/app/state"]
      .map { "0123456789abcdef0123456789abcdef  usr/\($0)\n" }.joined()
    var library = DebBuilder(isNew ? "libnew" : "libold", version: "1:3.2~rc1-4")
    library.file("/usr/lib/\(library.name)/data", "\(library.name)\n")
    var plain = DebBuilder("plain", architecture: "all")
    plain.file("/usr/share/plain/data", "plain\n")
    return [app, library, plain]
  }

  private static func build(
    _ name: String, _ packages: [DebBuilder],
    in scratch: TemporaryDirectory
  ) throws {
    let isNew = name == "new"
    let bench = try Bench(
      Bench.recipe(
        packages: ["app", "plain"],
        """
        accounts:
          root: true
          run-as: \(isNew ? "root" : "app")
          users: [{name: app, uid: 65532, gid: 65532}]
          groups: [{name: app, gid: 65532}]
        environment: {LANG: \(isNew ? "C.UTF-8" : "C")}
        entrypoint: [/usr/bin/app\(isNew ? ", --new" : "")]
        compose:
          exceptions:
            - {rule: setuid, paths: [/usr/bin/helper], reason: a test}

        """), publishing: packages)
    let outcome = try bench.run(
      "build", ["--output", scratch.file(name), "--compression", "none"],
      mirror: bench.ownArchive)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
  }

  private func diff(_ more: [String] = []) throws -> String {
    let outcome = try ComposeProgram.run(
      ["diff", scratch.file("old"), scratch.file("new")] + more)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    return outcome.output.replacing(/sha256:[0-9a-f]{12}…/, with: "sha256:xxxxxxxxxxxx…")
  }

  @Test func asText() throws {
    let text = try diff()
    #expect(text == Self.text)
  }

  static let text = """
    old → new

    linux/amd64
      summary
                           before                after                 change
        manifest           sha256:xxxxxxxxxxxx…  sha256:xxxxxxxxxxxx…  differs
        packed             33.5 kB               34.5 kB               +1.0 kB
        unpacked           988 B                 1.0 kB                +12 B
        files              15                    16                    +1
        packages           3                     3
        set-user-ID files  0                     1                     +1
        layers             2                     2                     0 shared, 0 B

      security-relevant
          what             change   before       after  package
        ! user             setting  65532:65532  0:0
        ! /usr/bin/helper  mode     0755         4755   app

      packages
        package  change    before       after        installed
        app      upgraded  1.0-1        1.0-2
        libnew   added                  1:3.2~rc1-4  +164 B
        libold   removed   1:3.2~rc1-4               -164 B

      configuration
        setting     before            after
        entrypoint  ["/usr/bin/app"]  ["/usr/bin/app","--new"]
        env LANG    C                 C.UTF-8

      files by package
        package          added  removed  changed  size
        app                              5
        libnew           2                        +164 B
        libold                  2                 -164 B
        the image's own  2      1                 +12 B

      app: 5 files changed
        path                        change       before                   after
        /usr/bin/app                content      11 B, sha256:03df3768…   11 B, sha256:3887fcd2…
        /usr/bin/helper             mode         0755                     4755
        /usr/share/app/link         link target  kept                     state
        /usr/share/app/state        owner        0:0                      0:8
        /var/lib/dpkg/status.d/app  content      171 B, sha256:f88d4059…  171 B, sha256:2488d02e…

      the image's own: 2 files added, 1 file removed
        path                  change   before  after
        /usr/lib/libnew/data  added            7 B
        /usr/lib/libold/data  removed  7 B
        /usr/share/app/more   added            12 B

    1 package added, 1 package removed, 1 package upgraded, 4 files added, 3 files removed, 5 files changed, 3 settings changed

    """

  @Test func asMarkdown() throws {
    let markdown = try diff(["--format", "markdown"])
    #expect(markdown == Self.markdown)
  }

  static let markdown = """
    ### <code>old → new</code>

    1 package added, 1 package removed, 1 package upgraded, 4 files added, 3 files removed, 5 files changed, 3 settings changed

    #### <code>linux/amd64</code>

    **summary**

    |  | before | after | change |
    | --- | --- | --- | --- |
    | manifest | sha256:xxxxxxxxxxxx… | sha256:xxxxxxxxxxxx… | differs |
    | packed | 33.5 kB | 34.5 kB | +1.0 kB |
    | unpacked | 988 B | 1.0 kB | +12 B |
    | files | 15 | 16 | +1 |
    | packages | 3 | 3 |  |
    | set-user-ID files | 0 | 1 | +1 |
    | layers | 2 | 2 | 0 shared, 0 B |

    **security-relevant**

    |  | what | change | before | after | package |
    | --- | --- | --- | --- | --- | --- |
    | ⚠️ | <code>user</code> | setting | <code>65532:65532</code> | <code>0:0</code> |  |
    | ⚠️ | <code>/usr/bin/helper</code> | mode | <code>0755</code> | <code>4755</code> | <code>app</code> |

    **packages**

    | package | change | before | after | installed |
    | --- | --- | --- | --- | --- |
    | <code>app</code> | upgraded | <code>1.0-1</code> | <code>1.0-2</code> |  |
    | <code>libnew</code> | added |  | <code>1:3.2&#126;rc1-4</code> | +164 B |
    | <code>libold</code> | removed | <code>1:3.2&#126;rc1-4</code> |  | -164 B |

    **configuration**

    | setting | before | after |
    | --- | --- | --- |
    | <code>entrypoint</code> | <code>&#91;&#34;/usr/bin/app&#34;&#93;</code> | <code>&#91;&#34;/usr/bin/app&#34;,&#34;--new&#34;&#93;</code> |
    | <code>env LANG</code> | <code>C</code> | <code>C.UTF-8</code> |

    **files by package**

    | package | added | removed | changed | size |
    | --- | --- | --- | --- | --- |
    | <code>app</code> |  |  | 5 |  |
    | <code>libnew</code> | 2 |  |  | +164 B |
    | <code>libold</code> |  | 2 |  | -164 B |
    | the image&#39;s own | 2 | 1 |  | +12 B |

    <details>
    <summary><code>app</code>: 5 files changed</summary>

    | path | change | before | after |
    | --- | --- | --- | --- |
    | <code>/usr/bin/app</code> | content | <code>11 B, sha256:03df3768…</code> | <code>11 B, sha256:3887fcd2…</code> |
    | <code>/usr/bin/helper</code> | mode | <code>0755</code> | <code>4755</code> |
    | <code>/usr/share/app/link</code> | link target | <code>kept</code> | <code>state</code> |
    | <code>/usr/share/app/state</code> | owner | <code>0:0</code> | <code>0:8</code> |
    | <code>/var/lib/dpkg/status.d/app</code> | content | <code>171 B, sha256:f88d4059…</code> | <code>171 B, sha256:2488d02e…</code> |

    </details>

    <details>
    <summary>the image&#39;s own: 2 files added, 1 file removed</summary>

    | path | change | before | after |
    | --- | --- | --- | --- |
    | <code>/usr/lib/libnew/data</code> | added |  | <code>7 B</code> |
    | <code>/usr/lib/libold/data</code> | removed | <code>7 B</code> |  |
    | <code>/usr/share/app/more</code> | added |  | <code>12 B</code> |

    </details>

    """

  @Test func asData() throws {
    let text = try diff(["--json"])
    #expect(try diff(["--format", "json"]) == text)
    let document = try JSON.object(text)
    #expect(
      document.keys.sorted() == ["after", "before", "difference", "differs", "format", "kind"])
    #expect(document["kind"] == "images")
    #expect(document["differs"] == .boolean(true))
    let platform = try #require(document["difference"]?["platforms"]?.items.first)
    #expect(platform["platform"] == "linux/amd64")
    let packages = platform["packages"]?.items ?? []
    #expect(
      packages.map { "\($0["name"]?.text ?? "") \($0["change"]?.text ?? "")" } == [
        "app upgraded", "libnew added", "libold removed",
      ])
    #expect(packages.first?["before"]?["version"] == "1.0-1")
    let helper = platform["files"]?.items.first { $0["path"] == "/usr/bin/helper" }
    #expect(
      helper
        == .object([
          "path": "/usr/bin/helper", "package": "app", "sizeBefore": .number(12),
          "sizeAfter": .number(12),
          "aspects": .array([
            .object([
              "change": "mode", "before": "0755", "after": "4755",
              "isSecurityRelevant": .boolean(true),
            ])
          ]),
        ]))
    let user = platform["configuration"]?.items.first
    #expect(user?["name"] == "user")
    #expect(user?["isSecurityRelevant"] == .boolean(true))
  }
}
