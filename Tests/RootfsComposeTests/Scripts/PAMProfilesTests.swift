import Testing

@testable import RootfsCompose

struct PAMProfilesTests {
  private static let template = """
    # common
    # here are the per-package modules (the "Primary" block)
    $primary
    # here's the fallback if no module succeeds
    auth\trequisite\t\t\tpam_deny.so
    # and here are more per-package modules (the "Additional" block)
    $additional
    # end of pam-auth-update config

    """

  private static let unix = """
    Name: Unix authentication
    Default: yes
    Priority: 256
    Conflicts: rival
    Auth-Type: Primary
    Auth:
    \t[success=end default=ignore]\tpam_unix.so nullok  try_first_pass
    Auth-Initial:
    \t[success=end default=ignore]\tpam_unix.so nullok
    Session-Type: Additional
    Session:
    \trequired\tpam_unix.so

    """

  @Test func fillsTheTemplates() throws {
    let result = try composedScripts(
      [
        scriptPackage(
          "libpam-runtime",
          [
            "postinst":
              "#!/bin/sh -e\nforce=--force\npam-auth-update --root \"$DPKG_ROOT\" --package $force\n"
          ])
      ],
      to: [
        "usr/share/pam/common-auth": Self.template,
        "usr/share/pam/common-session": Self.template,
        "usr/share/pam-configs/unix": Self.unix,
        "usr/share/pam-configs/first":
          "Default: yes\nPriority: 900\nAuth-Type: Primary\nAuth:\n\t[success=end]\tpam_first.so\n",
        "usr/share/pam-configs/rival":
          "Default: yes\nPriority: 1\nAuth-Type: Primary\nAuth:\n\trequired\tpam_rival.so\n",
        "usr/share/pam-configs/off":
          "Default: no\nPriority: 1\nAuth-Type: Primary\nAuth:\n\trequired\tpam_off.so\n",
      ])
    let auth = """
      # common
      # here are the per-package modules (the "Primary" block)
      auth\t[success=2]\tpam_first.so\u{20}
      auth\t[success=1 default=ignore]\tpam_unix.so nullok try_first_pass
      # here's the fallback if no module succeeds
      auth\trequisite\t\t\tpam_deny.so
      # and here are more per-package modules (the "Additional" block)
      # end of pam-auth-update config

      """
    #expect(try result.entryText("etc/pam.d/common-auth") == "file 644 0:0 \"\(auth)\"")
    let session = try result.entryText("etc/pam.d/common-session")
    #expect(session.contains("block)\nsession\t[default=1]\t\t\tpam_permit.so\n# here's"))
    #expect(session.contains("block)\nsession\trequired\tpam_unix.so \n# end"))
    #expect(result.ledger.scripts.map(\.handlers) == [["pam-profiles"]])
  }
}
