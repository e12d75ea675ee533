import Testing

@testable import RootfsCompose

/// Owners that maintainer scripts set by name.
struct OwnershipTests {
  /// Every path, as `entryText` writes it.
  private func dump(_ result: ComposedTree) throws -> [String] {
    try result.tree.sortedPaths.filter { !$0.isRoot }.map {
      "\($0) \(try result.entryText($0.description))"
    }
  }

  /// What Debian's valkey-tools and base-passwd do, with base-passwd installed last.
  @Test func seesTheAccountsOfTheSameScriptAndBasePasswd() throws {
    let valkey = """
      #!/bin/sh
      set -eu
      if [ "$1" = configure ]; then
        adduser --system --home /var/lib/valkey --quiet --group valkey || true
        install -d -o valkey -g adm -m 2750 /var/log/valkey
        mkdir -p /srv/valkey
        chown valkey /srv/valkey
        chgrp www-data /srv/valkey
        chown valkey:valkey /var/lib/valkey
        chmod 750 /var/lib/valkey
      fi
      """
    let result = try composedScripts(
      [
        scriptPackage("valkey-tools", ["postinst": valkey]),
        scriptPackage(
          "base-passwd",
          [
            "postinst":
              "#!/bin/sh\ncp /usr/share/passwd.master /etc/passwd\ncp /usr/share/group.master /etc/group\n"
          ]),
      ],
      to: [
        "usr/share/passwd.master": "root:*:0:0::/root:/bin/sh\n",
        "usr/share/group.master": "root:*:0:\nadm:*:4:\n",
        "var/log/valkey": "/",
      ])
    #expect(
      try dump(result) == [
        "/etc directory 755 0:0",
        "/etc/group file 644 0:0 \"root:*:0:\nadm:*:4:\nvalkey:x:100:\n\"",
        "/etc/passwd file 644 0:0 \"root:*:0:0::/root:/bin/sh\nvalkey:x:100:100::/var/lib/valkey:/usr/sbin/nologin\n\"",
        "/srv directory 755 0:0",
        "/srv/valkey directory 755 100:33",
        "/usr directory 755 0:0",
        "/usr/share directory 755 0:0",
        "/usr/share/group.master file 644 0:0 \"root:*:0:\nadm:*:4:\n\"",
        "/usr/share/passwd.master file 644 0:0 \"root:*:0:0::/root:/bin/sh\n\"",
        "/var directory 755 0:0",
        "/var/lib directory 755 0:0",
        "/var/lib/valkey directory 750 100:100",
        "/var/log directory 755 0:0",
        "/var/log/valkey directory 2750 100:4",
      ])
    #expect(result.ledger.warnings == [])
  }

  @Test func followsFilesThatMoveAndForgetsThoseThatGo() throws {
    let script = """
      #!/bin/sh
      touch /a/new
      chown mail:mail /a/new /a/gone
      chmod 600 /a/new /a/gone
      mv /a/new /a/moved
      rm /a/gone
      touch /a/gone
      chown news /a/run
      chmod 700 /a/run
      rmdir /a/run
      ln -s /b /a/run
      chown nobody-knows /a/moved
      """
    let result = try composedScripts(
      [scriptPackage("demo", ["postinst": script])], to: ["a/gone": "x", "a/run": "/", "b": "/"])
    #expect(
      try dump(result) == [
        "/a directory 755 0:0", "/a/gone file 644 0:0 \"\"", "/a/moved file 600 8:8 \"\"",
        "/a/run link /b", "/b directory 755 0:0",
      ])
    #expect(
      result.ledger.warnings == [
        "/a/moved: demo's postinst, line 12 gives it to nobody-knows, who is not known; it stays root's"
      ])
  }
}
