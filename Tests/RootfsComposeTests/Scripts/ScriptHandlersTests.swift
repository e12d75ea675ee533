import Testing

@testable import RootfsCompose

struct ScriptHandlersTests {
  @Test func makesPlainFilesAsTheScriptWould() throws {
    let script = """
      #!/bin/sh
      set -e
      install_directory() {
        if [ ! -d "$DPKG_ROOT/$1" ]; then
          mkdir "$DPKG_ROOT/$1"
          chown "root:$3" "$DPKG_ROOT/$1"
          chmod "$2" "$DPKG_ROOT/$1"
        fi
      }
      if [ "$1" = configure ] && [ "$2" = "" ]; then
        install_directory var/mail 2775 mail
        install_directory there 700 root
        rmdir /var/run
        ln -s /run /var/run
        [ -f /etc/motd ] || cp -p /usr/share/demo/motd /etc/motd
        umask 077
        touch /var/run/secret
        cat > /etc/demo.conf <<'EOF'
      $HOME stays
      EOF
      fi
      """
    let result = try composedScripts(
      [scriptPackage("demo", ["postinst": script])],
      to: ["usr/share/demo/motd": "hello\n", "there": "/", "var/run": "/", "run": "/"])
    #expect(try result.entryText("var/mail") == "directory 2775 0:8")
    #expect(try result.entryText("there") == "directory 755 0:0")
    #expect(try result.entryText("var/run") == "link /run")
    #expect(try result.entryText("run/secret") == "file 600 0:0 \"\"")
    #expect(try result.entryText("etc/motd") == "file 644 0:0 \"hello\n\"")
    #expect(try result.entryText("etc/demo.conf") == "file 600 0:0 \"$HOME stays\n\"")
    #expect(result.ledger.scripts.map(\.handlers) == [["plain-files"]])
    #expect(result.ledger.warnings.isEmpty)
  }

  @Test func namesWhatNoHandlerCovers() throws {
    let result = try composedScripts([
      scriptPackage(
        "demo",
        [
          "postinst": "#!/bin/sh\nldconfig\nfrobnicate --all /etc/x\nmaybe && touch /etc/y\n",
          "prerm": "#!/bin/sh\nignored\n",
        ])
    ])
    #expect(
      result.ledger.scripts == [
        Ledger.ScriptNote(
          package: "demo", script: "postinst", handlers: ["loader-cache"],
          detail:
            "no /etc/ld.so.cache: all libraries stand in directories the loader searches without it"
        ),
        Ledger.ScriptNote(
          package: "demo", script: "postinst", handlers: [],
          detail: "would run `frobnicate --all /etc/x`, `maybe`, `touch /etc/y`"),
      ])
    #expect(
      result.ledger.warnings == [
        "demo 1.0: no handler covers all of its scripts: "
          + "postinst would run `frobnicate --all /etc/x`, `maybe`, `touch /etc/y`"
      ])
    #expect(try result.entryText("etc/y") == "nothing")
  }

  @Test func removesNothingForAScriptItDoesNotUnderstandWhole() throws {
    let result = try composedScripts(
      [scriptPackage("demo", ["postinst": "#!/bin/sh\nrm -f /bin/sh\nrelink /bin/sh\n"])],
      to: ["bin/sh": "x"])
    #expect(try result.entryText("bin/sh") == "file 644 0:0 \"x\"")
    #expect(result.ledger.scripts.map(\.handlers) == [[]])
  }

  @Test func staysInsideTheTree() throws {
    let script = """
      #!/bin/sh
      echo x > /../../etc/passwd
      touch ../etc/y /dev/null0 relative
      """
    let result = try composedScripts(
      [scriptPackage("demo", ["postinst": script])], to: ["etc": "/"])
    #expect(result.tree.sortedPaths.map(\.description) == ["/", "/etc"])
    #expect(result.ledger.warnings.count == 1)
  }

  @Test func givesDebhelpersSnippetsTheirReasons() throws {
    let script = """
      #!/bin/sh
      # Automatically added by dh_installdeb/13
      dpkg-maintscript-helper rm_conffile /etc/old 1.0 -- "$@"
      # End automatically added section
      # Automatically added by dh_installsystemd/13
      if [ "$1" = "configure" ]; then
        deb-systemd-helper unmask 'x.service' >/dev/null || true
        if deb-systemd-helper --quiet was-enabled 'x.service'; then
          deb-systemd-helper enable 'x.service' >/dev/null || true
        fi
        if [ -d /run/systemd/system ]; then never; fi
      fi
      # End automatically added section
      # Automatically added by dh_python3
      if command -v py3compile >/dev/null 2>&1; then
        py3compile -p demo
      fi
      """
    let packages = [scriptPackage("demo", ["postinst": script])]
    let result = try composedScripts(packages)
    #expect(
      result.ledger.scripts.map(\.handlers) == [
        ["first-installation", "init-system", "python-bytecode"]
      ])
    let withInit = try composedScripts(packages, to: ["usr/lib/systemd/systemd": "x"])
    #expect(withInit.ledger.scripts.map(\.handlers).contains([]))
  }

  @Test func setsTheTimeZone() throws {
    let script = """
      #!/bin/sh
      . /usr/share/debconf/confmodule
      db_get tzdata/Areas && AREA="$RET"
      TIMEZONE="$AREA/UTC"
      ln -nsf "/usr/share/zoneinfo/$TIMEZONE" "$DPKG_ROOT/etc/localtime.dpkg-new" && \\
        mv -f "$DPKG_ROOT/etc/localtime.dpkg-new" "$DPKG_ROOT/etc/localtime"
      echo "$TIMEZONE" > "$DPKG_ROOT/etc/timezone"
      """
    let zones = ["usr/share/zoneinfo/Etc/UTC": "TZif"]
    let result = try composedScripts([scriptPackage("tzdata", ["postinst": script])], to: zones)
    #expect(try result.entryText("etc/localtime") == "link /usr/share/zoneinfo/Etc/UTC")
    #expect(try result.entryText("etc/timezone") == "file 644 0:0 \"Etc/UTC\n\"")
    #expect(result.ledger.warnings.isEmpty)
    let without = try composedScripts([scriptPackage("tzdata", ["postinst": script])])
    #expect(try without.entryText("etc/localtime") == "nothing")
  }

  @Test func listsLoginShells() throws {
    let result = try composedScripts(
      [scriptPackage("debianutils", ["postinst": "#!/bin/sh\nupdate-shells\n"])],
      to: [
        "bin": "@usr/bin", "usr/bin/bash": "x",
        "usr/share/debianutils/shells": "# shells\n/bin/sh\n",
        "usr/share/debianutils/shells.d/bash": "/bin/bash\n",
      ])
    #expect(
      try result.entryText("etc/shells")
        == "file 644 0:0 \"# shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n\"")
  }

  @Test func addsSystemUsersAndShadow() throws {
    let packages = [
      scriptPackage(
        "daemon",
        [
          "postinst":
            "#!/bin/sh\nif ! getent passwd _d >/dev/null; then adduser --system --group --home /var/lib/d --gecos 'A daemon' _d; fi\n"
        ]),
      scriptPackage("passwd", ["postinst": "#!/bin/sh\n[ -z \"$2\" ] && shadowconfig on\n"]),
    ]
    let result = try composedScripts(
      packages,
      to: ["etc/passwd": "root:*:0:0:root:/root:/bin/sh\n", "etc/group": "root:*:0:\nu:*:100:\n"])
    #expect(
      try result.entryText("etc/passwd")
        == "file 644 0:0 \"root:x:0:0:root:/root:/bin/sh\n_d:x:100:101:A daemon:/var/lib/d:/usr/sbin/nologin\n\""
    )
    #expect(
      try result.entryText("etc/group") == "file 644 0:0 \"root:x:0:\nu:x:100:\n_d:x:101:\n\"")
    #expect(
      try result.entryText("etc/shadow")
        == "file 640 0:42 \"root:*:20000:0:99999:7:::\n_d:!:20000:0:99999:7:::\n\"")
    #expect(try result.entryText("var/lib/d") == "directory 755 100:101")
  }

  /// To Swift, a carriage return and a newline are one character, and so are a slash and an accent.
  @Test func noFieldOrNameHoldsWhatEndsIt() throws {
    let script = """
      #!/bin/sh
      adduser --system --gecos 'a\r\nghost' d
      update-alternatives --install /usr/bin/awk 'a/\u{301}wk' /usr/bin/mawk 5
      """
    let result = try composedScripts(
      [scriptPackage("demo", ["postinst": script])],
      to: ["etc/passwd": "root:*:0:0::/:/bin/sh\n", "usr/bin/mawk": "x"])
    #expect(try result.entryText("etc/passwd") == "file 644 0:0 \"root:*:0:0::/:/bin/sh\n\"")
    #expect(try result.entryText("etc/alternatives/a") == "nothing")
  }

  @Test func readsDiversions() {
    let script =
      "#!/bin/sh\ndpkg-divert --package demo --divert /usr/bin/x.old --rename --add /usr/bin/x\n"
    #expect(
      ScriptHandlers.diversions(
        of: [scriptPackage("demo", ["preinst": script])], context: scriptContext())
        == [.init(package: "demo", path: "/usr/bin/x", target: "/usr/bin/x.old")])
  }

  @Test func followsTriggersThatAreActivated() throws {
    let waiting = scriptPackage(
      "waiting",
      [
        "triggers": "interest-noawait /usr/share/things\ninterest rebuild\n# note\n",
        "postinst":
          "#!/bin/sh\ncase \"$1\" in triggered) rebuild-things $2;; configure) :;; esac\n",
      ])
    let idle = try composedScripts([waiting])
    #expect(!idle.ledger.scripts.isEmpty)
    let caller = scriptPackage("caller", ["triggers": "activate-noawait rebuild\n"])
    let result = try composedScripts([waiting, caller], to: ["usr/share/things/a": "x"])
    let open = result.ledger.scripts.filter { $0.handlers.isEmpty }
    #expect(
      open.map(\.detail).first
        == "would run `rebuild-things /usr/share/things`, `rebuild-things rebuild`")
  }
}
