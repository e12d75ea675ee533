import Testing

@testable import RootfsCompose

struct AlpineScriptsTests {
  @Test func runsTheScriptsOfAFirstInstallationOnly() throws {
    let result = try composedAlpine([
      alpinePackage(
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
        alpinePackage(
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
      case "$(readlink etc/profile.d/absent 2>/dev/null || true)" in target) never;; esac
      case "$(readlink etc/link)" in target) ln -sf other etc/link;; esac
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
      [alpinePackage("demo", ["post-install": script])],
      to: [
        "etc/conf.d/a": "x", "etc/conf.d/b": "x", "etc/conf.f/c": "x", "var/lib": "/",
        "etc/link": "@target",
      ])
    #expect(try result.entryText("etc/link") == "link other")
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
      [alpinePackage("demo", ["post-install": script])], to: ["etc": "/"])
    #expect(
      result.ledger.scripts.last?.detail == "would run `unknowable`, `touch here`")
    #expect(try result.entryText("here") == "nothing")
    #expect(try result.entryText("etc/here") == "nothing")
    #expect(try result.entryText("there") == "file 644 0:0 \"\"")
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
      [alpinePackage("busybox", scripts, triggers: ["/bin", "/lib/modules/*"])], to: tree)
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
      [alpinePackage("busybox", ["post-install": "#!/bin/sh\nexec /bin/busybox --install -s\n"])],
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
      [alpinePackage("busybox", ["post-install": "#!/bin/sh\n/bin/busybox --install -s\n"])],
      to: ["bin/busybox": "[\0[[\0cat"])
    #expect(
      without.ledger.warnings == [
        "/bin/busybox: no table of applets is found in it; they are not linked"
      ])
    let absent = try composedAlpine([
      alpinePackage("busybox", ["post-install": "#!/bin/sh\n/bin/busybox --install -s\n"])
    ])
    #expect(absent.ledger.scripts.map(\.handlers) == [[]])
  }

  @Test func makesAlpinesBundleOfAuthorities() throws {
    let result = try composedAlpine(
      [
        alpinePackage(
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
      to: &result, packages: [alpinePackage("demo", ["post-install": script])],
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
      [alpinePackage("zsh", ["post-install": script])],
      to: ["etc/shells": "# x\n/bin/sh\n/bin/ash\n"])
    #expect(
      try result.entryText("etc/shells")
        == "file 644 0:0 \"# x\n/bin/ash\n/bin/first\n/bin/zsh\n\"")
  }

  @Test func readsNoOtherInterpreters() throws {
    let result = try composedAlpine([
      alpinePackage(
        "demo", ["pre-install": "#!/usr/bin/lua5.3\nprint(1)\n", "post-install": "#!/bin/ash\n:\n"])
    ])
    #expect(
      result.ledger.warnings == [
        "demo 1.0-r0: no handler covers all of its scripts: pre-install is not a shell script "
          + "(lua5.3) and is not read"
      ])
  }
}
