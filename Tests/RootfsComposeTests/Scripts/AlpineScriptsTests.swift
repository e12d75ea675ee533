import Testing

@testable import RootfsCompose

struct AlpineScriptsTests {
  private func package(
    _ name: String, _ scripts: [String: String], triggers: [String] = []
  ) -> PackageScripts {
    PackageScripts(
      name: name, version: "1.0-r0", scripts: scripts.mapValues { Array($0.utf8) },
      triggers: triggers)
  }

  private static let accounts = [
    "etc/passwd": "root:x:0:0:root:/root:/bin/ash\nold:x:100:100:::/bin/sh\n",
    "etc/group": "root:x:0:root\nold:x:101:\nnogroup:x:65533:\n",
    "etc/shadow": "root:*::0:::::\n",
  ]

  @Test func runsTheScriptsOfAFirstInstallationOnly() throws {
    let result = try composedAlpine([
      package(
        "demo",
        [
          "post-install": "#!/bin/sh\ntouch /made-$1\n", "pre-install": "#!/bin/ash\nexit 0\n",
          "pre-upgrade": "#!/bin/sh\nfirst\n", "post-upgrade": "#!/bin/sh\nsecond\n",
          "pre-deinstall": "#!/bin/sh\nthird\n", "trigger": "#!/bin/busybox sh\nfourth $*\n",
        ])
    ])
    #expect(
      result.ledger.scripts == [
        Ledger.ScriptNote(
          package: "demo", script: "pre-install", handlers: ["first-installation"],
          detail: "does nothing at a first installation"),
        Ledger.ScriptNote(
          package: "demo", script: "post-install", handlers: ["plain-files"],
          detail: "touch /made-1.0-r0"),
        Ledger.ScriptNote(
          package: "demo", script: "trigger", handlers: ["first-installation"],
          detail: "no directory of the image is one that the trigger waits for"),
      ])
    #expect(try result.entryText("made-1.0-r0") == "file 644 0:0 \"\"")
  }

  @Test func handsTriggersTheDirectoriesThatMatch() throws {
    let result = try composedAlpine(
      [
        package(
          "demo", ["trigger": "#!/bin/sh\nfor i in \"$@\"; do rebuild \"$i\"; done\n"],
          triggers: ["/usr/share/fonts/*", "/bin", "+/lib", "usr", "/etc/x", "/n[!o]"])
      ],
      to: [
        "usr/share/fonts/a/b": "x", "usr/share/fonts/c": "/", "usr/share/fonts/file": "x",
        "bin": "/", "lib": "/", "etc/x": "@y", "nm": "/", "no": "/",
      ])
    #expect(
      result.ledger.scripts.map(\.detail) == [
        "would run `rebuild /bin`, `rebuild /lib`, `rebuild /nm`, `rebuild /usr/share/fonts/a`, "
          + "`rebuild /usr/share/fonts/c`"
      ])
    #expect(
      result.ledger.warnings == [
        "demo 1.0-r0: no handler covers all of its scripts: trigger would run `rebuild /bin`, "
          + "`rebuild /lib`, `rebuild /nm`, `rebuild /usr/share/fonts/a`, "
          + "`rebuild /usr/share/fonts/c`"
      ])
  }

  @Test func startsInTheRootWithApksEnvironmentAlone() throws {
    let script = """
      #!/bin/sh
      [ -d etc/rcS.d ] && never
      [ -x /sbin/absent ] && never
      [ -n "$LANG" ] && never
      [ "${ROOT-unset}" = unset ] || never
      : "${PLACE:=var/lib}"
      command -v absent >/dev/null && never
      for i in etc/conf.[de]/*; do touch "$i.seen"; done
      for i in /run/*/none; do [ -L "$i" ] && never; done
      mkdir -p $PLACE/$APK_PACKAGE/$APK_SCRIPT
      (cd etc && ln -s motd issue)
      /bin/busybox mkdir -m 700 secret
      echo "* a message" >&2
      cat 1>&2 <<-EOF
      \tmore
      EOF
      exec /bin/busybox touch last
      never
      """
    let result = try composedAlpine(
      [package("demo", ["post-install": script])],
      to: ["etc/conf.d/a": "x", "etc/conf.d/b": "x", "etc/conf.f/c": "x", "var/lib": "/"])
    #expect(result.ledger.warnings == [])
    #expect(try result.entryText("etc/conf.d/a.seen") == "file 644 0:0 \"\"")
    #expect(try result.entryText("etc/conf.d/b.seen") == "file 644 0:0 \"\"")
    #expect(try result.entryText("etc/conf.f/c.seen") == "nothing")
    #expect(try result.entryText("var/lib/demo/post-install") == "directory 755 0:0")
    #expect(try result.entryText("etc/issue") == "link motd")
    #expect(try result.entryText("secret") == "directory 700 0:0")
    #expect(try result.entryText("last") == "file 644 0:0 \"\"")
  }

  @Test func leavesPathsAloneOnceItDoesNotKnowWhereItStands() throws {
    let script = "#!/bin/sh\nif unknowable; then cd /etc; fi\ntouch here\ncd /\ntouch there\n"
    let result = try composedAlpine(
      [package("demo", ["post-install": script])], to: ["etc": "/"])
    #expect(
      result.ledger.scripts.last?.detail == "would run `unknowable`, `touch here`")
    #expect(try result.entryText("here") == "nothing")
    #expect(try result.entryText("etc/here") == "nothing")
    #expect(try result.entryText("there") == "file 644 0:0 \"\"")
  }

  @Test func addsAccountsAndTheirHome() throws {
    let script = """
      #!/bin/sh
      addgroup -S daemon 2>/dev/null
      adduser -S -D -h /var/lib/daemon -s /sbin/nologin -G daemon -g "A daemon" daemon 2>/dev/null
      adduser -S -D -h /var/lib/daemon -s /sbin/nologin -G daemon -g "A daemon" daemon 2>/dev/null
      chown root:daemon /etc/daemon.conf
      """
    let packages = [package("demo", ["pre-install": script])]
    var tree = Self.accounts
    tree["var/lib"] = "/"
    tree["etc/daemon.conf"] = "x"
    let result = try composedAlpine(packages, to: tree)
    #expect(result.ledger.warnings == [])
    #expect(
      try result.entryText("etc/passwd") == "file 644 0:0 \"root:x:0:0:root:/root:/bin/ash\n"
        + "old:x:100:100:::/bin/sh\ndaemon:x:101:100:A daemon:/var/lib/daemon:/sbin/nologin\n\"")
    #expect(
      try result.entryText("etc/group") == "file 644 0:0 \"root:x:0:root\nold:x:101:\n"
        + "nogroup:x:65533:\ndaemon:x:100:daemon\n\"")
    #expect(
      try result.entryText("etc/shadow")
        == "file 644 0:0 \"root:*::0:::::\ndaemon:!:20000:0:99999:7:::\n\"")
    #expect(try result.entryText("var/lib/daemon") == "directory 2755 101:100")
    #expect(try result.entryText("etc/daemon.conf") == "file 644 0:100 \"x\"")
    #expect(try result.entryText("etc/passwd-") == "nothing")

    let development = try composedAlpine(packages, to: tree, isRuntime: false)
    #expect(
      try development.entryText("etc/passwd-") == "file 644 0:0 \"\(tree["etc/passwd"] ?? "")\"")
  }

  /// A home that `pre-install` makes is there before the package that ships it is unpacked, and apk leaves it.
  @Test func leavesAHomeThatIsMadeBeforeItIsShipped() throws {
    let maker = package("demo", ["pre-install": "#!/bin/sh\nadduser -S -D -h /var/log/d d\n"])
    let other = package("other", [:])
    var tree = Self.accounts
    tree["var/log/d"] = "/"
    func home(_ packages: [PackageScripts], _ owner: String, _ release: String) throws -> String {
      let result = try composedAlpine(
        packages, to: tree, owners: ["var/log/d": owner], release: release)
      return try result.entryText("var/log/d")
    }
    for release in ["3.19", "3.23"] {
      #expect(try home([maker], "demo", release) == "directory 2755 101:65533")
      #expect(try home([maker, other], "other", release) == "directory 2755 101:65533")
    }
    #expect(try home([other, maker], "other", "3.19") == "directory 755 0:0")
    #expect(try home([other, maker], "other", "3.23") == "directory 2755 101:65533")
  }

  /// apk 2 sets directories' rights once every package is installed, and runs triggers after that.
  @Test func shippedDirectoriesKeepTheirRightsUpToTriggers() throws {
    let script = "#!/bin/sh\nchmod 700 /d /d/file\nchown old /d /d/file\n"
    let tree = Self.accounts.merging(["d/file": "x", "e": "/"]) { first, _ in first }
    func lines(_ release: String) throws -> [String] {
      let result = try composedAlpine(
        [
          package(
            "demo", ["post-install": script, "trigger": "#!/bin/sh\nchmod 711 /e\n"],
            triggers: ["/d"])
        ],
        to: tree, owners: ["d": "demo", "d/file": "demo", "e": "demo"], release: release)
      return try ["d", "d/file", "e"].map { try result.entryText($0) }
    }
    #expect(
      try lines("3.19") == ["directory 755 0:0", "file 700 100:0 \"x\"", "directory 711 0:0"])
    #expect(
      try lines("3.23") == ["directory 700 100:0", "file 700 100:0 \"x\"", "directory 711 0:0"])
  }

  @Test func saysWhichAccountsItCannotAdd() throws {
    let script = """
      #!/bin/sh
      addgroup -g 101 -S second
      adduser -S -D -G nowhere lost
      addgroup nobody nogroup
      adduser -u 100 -S -D numbered
      """
    let result = try composedAlpine(
      [package("demo", ["post-install": script])], to: Self.accounts)
    let start = "demo's post-install adds this account, and "
    #expect(
      result.ledger.warnings == [
        "second: \(start)the number 101 is taken; it is not added",
        "lost: \(start)its group nowhere is not known; it is not added",
        "nobody: \(start)it or the group nogroup, which it joins, is not known; it is not added",
        "numbered: \(start)the number 100 is taken; it is not added",
      ])
    let empty = try composedAlpine([package("demo", ["post-install": "#!/bin/sh\naddgroup x\n"])])
    #expect(
      empty.ledger.warnings == ["x: \(start)/etc/group is not there; it is not added"])
    #expect(empty.tree.sortedPaths == [.root])
  }

  @Test(arguments: [
    "adduser", "adduser a b c", "adduser -S -D -z x", "adduser -S -D -G", "adduser -u 70000 x",
    "adduser -g 'a:b' x", "adduser -- -x", "addgroup -g x y", "addgroup -g 5 a b",
    "adduser -S a b", "adduser --home", "adduser --system=yes x", "adduser $UNKNOWN`date`",
  ])
  func leavesAccountsItCannotReadUncovered(command: String) throws {
    let result = try composedAlpine(
      [package("demo", ["post-install": "#!/bin/sh\n\(command)\n"])], to: Self.accounts)
    #expect(result.ledger.scripts.map(\.handlers) == [[]])
    #expect(try result.tree["etc/passwd"]?.content?.text() == Self.accounts["etc/passwd"])
    #expect(try result.tree["etc/group"]?.content?.text() == Self.accounts["etc/group"])
  }

  @Test func linksWhatBusyboxListsWhereNothingStands() throws {
    let scripts = [
      "post-install":
        "#!/bin/busybox sh\n/bin/busybox mkdir -p /bin\nexec /bin/busybox --install -s\n",
      "trigger": """
      #!/bin/sh
      for i in "$@"; do case "$i" in /lib/modules/*) depmod ${i#/lib/modules/};; *) do=yes;; esac; done
      if [ -n "$do" ]; then
        [ -e /bin/bbsuid ] && /bin/bbsuid --install
        [ -e /bin/busybox-extras ] && /bin/busybox-extras --install -s
        /bin/busybox --install -s
      fi
      """,
    ]
    let tree = [
      "bin/busybox": "x", "bin/cat": "coreutils", "bin/su": "shadow",
      "bin/bbsuid": "\0/bin/su\0/usr/bin/passwd\0",
      "etc/busybox-paths.d/busybox":
        "bin/cat\nbin/ls\nbin/mount\nusr/bin/passwd\nsbin/init\n../x\n\n",
      "bin/busybox-extras": "x", "etc/busybox-paths.d/busybox-extras": "usr/bin/telnet\nbin/ls\n",
      "usr/bin": "/", "lib/modules/6.6": "/",
    ]
    let result = try composedAlpine(
      [package("busybox", scripts, triggers: ["/bin", "/lib/modules/*"])], to: tree)
    #expect(result.ledger.warnings == [])
    #expect(
      result.ledger.scripts.map(\.handlers) == [
        ["plain-files", "busybox-links"], ["not-in-images", "busybox-links"],
      ])
    #expect(try result.entryText("bin/cat") == "file 644 0:0 \"coreutils\"")
    #expect(try result.entryText("bin/ls") == "link /bin/busybox")
    #expect(try result.entryText("bin/mount") == "link /bin/busybox")
    #expect(try result.entryText("bin/su") == "file 644 0:0 \"shadow\"")
    #expect(try result.entryText("usr/bin/passwd") == "link /bin/bbsuid")
    #expect(try result.entryText("usr/bin/telnet") == "link /bin/busybox-extras")
    #expect(try result.entryText("sbin/init") == "nothing")
    #expect(try result.entryText("x") == "nothing")
  }

  @Test func readsTheAppletsOfABusyboxWithoutAList() throws {
    let table = "junk\0[\0[[\0more/\0 [\0[[\0cat\0frobnicate\0ifconfig\0vi\0\0rest"
    let result = try composedAlpine(
      [package("busybox", ["post-install": "#!/bin/sh\nexec /bin/busybox --install -s\n"])],
      to: ["bin/busybox": table, "sbin": "/", "usr/bin": "/"])
    #expect(
      result.ledger.warnings == [
        "/bin/busybox: where its applets frobnicate are linked is not known; they are not"
      ])
    let links = result.tree.sortedPaths.filter { result.tree[$0]?.isSymlink == true }
    #expect(
      links.map(\.description) == [
        "/bin/cat", "/sbin/ifconfig", "/usr/bin/[", "/usr/bin/[[", "/usr/bin/vi",
      ])
    let without = try composedAlpine(
      [package("busybox", ["post-install": "#!/bin/sh\n/bin/busybox --install -s\n"])],
      to: ["bin/busybox": "[\0[[\0cat"])
    #expect(
      without.ledger.warnings == [
        "/bin/busybox: no table of applets is found in it; they are not linked"
      ])
    let absent = try composedAlpine([
      package("busybox", ["post-install": "#!/bin/sh\n/bin/busybox --install -s\n"])
    ])
    #expect(absent.ledger.scripts.map(\.handlers) == [[]])
  }

  @Test func makesAlpinesBundleOfAuthorities() throws {
    let result = try composedAlpine(
      [
        package(
          "ca-certificates", ["trigger": "#!/bin/sh\n/usr/sbin/update-ca-certificates\n"],
          triggers: ["/usr/share/ca-certificates", "/etc/ca-certificates/update.d"])
      ],
      to: [
        "etc/ca-certificates.conf": "# x\n!mozilla/off.crt\nmozilla/b (1).crt\nmozilla/a.crt\n",
        "usr/share/ca-certificates/mozilla/a.crt": "A",
        "usr/share/ca-certificates/mozilla/b (1).crt": "B\n",
        "usr/share/ca-certificates/mozilla/off.crt": "OFF\n",
        "usr/local/share/ca-certificates/z.crt": "Z\n",
        "etc/ssl/certs/ca-certificates.crt": "the package's own",
        "etc/ssl/certs/ca-cert-off.pem": "@/usr/share/ca-certificates/mozilla/off.crt",
        "etc/ssl/certs/ca-cert-a.pem": "@/elsewhere",
        "etc/ssl/certs/own.pem": "@/home/own.pem",
      ])
    #expect(result.ledger.warnings == [])
    #expect(
      try result.entryText("etc/ssl/certs/ca-certificates.crt")
        == "file 644 0:0 \"B\n\nA\nZ\n\n\"")
    #expect(
      result.tree.children(of: "etc/ssl/certs").map(\.nameText) == [
        "ca-cert-a.pem", "ca-cert-b_=1=.pem", "ca-cert-z.pem", "ca-certificates.crt", "own.pem",
      ])
    #expect(
      try result.entryText("etc/ssl/certs/ca-cert-a.pem")
        == "link /usr/share/ca-certificates/mozilla/a.crt")
    #expect(
      try result.entryText("etc/ssl/certs/ca-cert-z.pem")
        == "link /usr/local/share/ca-certificates/z.crt")
  }

  @Test func namesHooksAndProgramsThatAreNotReenacted() throws {
    var result = ComposedTree(
      tree: try scriptTree(["etc/ssl/certs": "/", "etc/ca-certificates/update.d/java": "#!"]))
    result.change("etc/ca-certificates/update.d/java", rule: "", reason: "") { $0.mode = 0o755 }
    let script = """
      #!/bin/sh
      update-ca-certificates
      ldconfig
      rc-update add demo default
      gtk-update-icon-cache -q -t -f /usr/share/icons
      glib-compile-schemas /usr/share/glib-2.0/schemas >/dev/null
      """
    try ScriptHandlers.apply(
      to: &result, packages: [package("demo", ["post-install": script])],
      context: alpineContext())
    #expect(
      result.ledger.warnings == [
        "demo 1.0-r0: no handler covers all of its scripts: post-install would run "
          + "`gtk-update-icon-cache -q -t -f /usr/share/icons`, "
          + "`glib-compile-schemas /usr/share/glib-2.0/schemas`",
        "/etc/ca-certificates/update.d/java: update-ca-certificates would run this hook; it is not run",
      ])
    #expect(
      result.ledger.scripts.first?.handlers == ["ca-certificates", "loader-cache", "init-system"])
  }

  @Test func registersShellsInTheScriptsOrder() throws {
    let script = """
      #!/bin/sh
      echo /bin/first >> etc/shells
      add-shell /bin/zsh /bin/ash
      remove-shell /bin/sh
      """
    let result = try composedAlpine(
      [package("zsh", ["post-install": script])], to: ["etc/shells": "# x\n/bin/sh\n/bin/ash\n"])
    #expect(
      try result.entryText("etc/shells")
        == "file 644 0:0 \"# x\n/bin/ash\n/bin/first\n/bin/zsh\n\"")
  }

  @Test func readsNoOtherInterpreters() throws {
    let result = try composedAlpine([
      package(
        "demo", ["pre-install": "#!/usr/bin/lua5.3\nprint(1)\n", "post-install": "#!/bin/ash\n:\n"])
    ])
    #expect(
      result.ledger.warnings == [
        "demo 1.0-r0: no handler covers all of its scripts: pre-install is not a shell script "
          + "(lua5.3) and is not read"
      ])
  }
}
