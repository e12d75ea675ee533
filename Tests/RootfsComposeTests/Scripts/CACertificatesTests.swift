import Testing

@testable import RootfsCompose

struct CACertificatesTests {
  @Test func warnsOfHooksThatWouldRunOnly() throws {
    var tree = try scriptTree(["etc/ca-certificates/update.d/off": "#!/bin/sh\n"])
    try tree.insert(
      .file("#!/bin/sh\n", mode: 0o755), at: "etc/ca-certificates/update.d/on")
    var result = ComposedTree(tree: tree)
    let package = scriptPackage(
      "ca-certificates", ["postinst": "#!/bin/sh\nupdate-ca-certificates\n"])
    try ScriptHandlers.apply(to: &result, packages: [package], context: scriptContext())
    #expect(
      result.ledger.warnings.filter { $0.contains("hook") } == [
        "/etc/ca-certificates/update.d/on: update-ca-certificates would run this hook; it is not run"
      ])
  }

  /// libcrypto would ask the terminal for a passphrase.
  @Test func encryptedTextIsNoCertificate() {
    let text = """
      -----BEGIN CERTIFICATE-----
      Proc-Type: 4,ENCRYPTED
      DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

      AAAAAAAAAAAAAAAAAAAAAA==
      -----END CERTIFICATE-----

      """
    let subject = CertificateReader().subject(ofOnlyCertificateIn: Array(text.utf8))
    #expect(subject?.hash == nil)
  }
}
