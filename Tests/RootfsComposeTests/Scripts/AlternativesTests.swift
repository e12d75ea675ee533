import Testing

@testable import RootfsCompose

struct AlternativesTests {
  private let mawk = scriptPackage(
    "mawk",
    [
      "postinst": """
      #!/bin/sh
      update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 \\
        --slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/mawk.1.gz \\
        --slave /usr/bin/nawk nawk /usr/bin/mawk
      """
    ])
  private let gawk = scriptPackage(
    "gawk",
    [
      "postinst":
        "#!/bin/sh\nupdate-alternatives --quiet --install /usr/bin/awk awk /usr/bin/gawk 10 --slave /usr/bin/nawk nawk /usr/bin/gawk\n"
    ])

  @Test func highestPriorityWins() throws {
    let result = try composedScripts(
      [gawk, mawk], to: ["usr/bin/gawk": "x", "usr/bin/mawk": "y"])
    #expect(try result.entryText("etc/alternatives/awk") == "link /usr/bin/gawk")
    #expect(try result.entryText("usr/bin/awk") == "link /etc/alternatives/awk")
    #expect(try result.entryText("usr/bin/nawk") == "link /etc/alternatives/nawk")
    #expect(try result.entryText("usr/share/man/man1/awk.1.gz") == "nothing")
    #expect(try result.entryText("var/lib/dpkg/alternatives/awk") == "nothing")
  }

  @Test func onlyFilesOfTheTreeAreChosen() throws {
    let result = try composedScripts([gawk, mawk], to: ["usr/bin/mawk": "y"])
    #expect(try result.entryText("etc/alternatives/awk") == "link /usr/bin/mawk")
    #expect(try composedScripts([gawk]).entryText("usr/bin/awk") == "nothing")
  }

  @Test func amongEqualsTheFirstRegistered() throws {
    let packages = ["b", "a"].map {
      scriptPackage(
        $0,
        ["postinst": "#!/bin/sh\nupdate-alternatives --install /usr/bin/x x /usr/bin/x-\($0) 1\n"])
    }
    let result = try composedScripts(packages, to: ["usr/bin/x-a": "", "usr/bin/x-b": ""])
    #expect(try result.entryText("etc/alternatives/x") == "link /usr/bin/x-b")
  }

  @Test func aShippedFileIsNotReplaced() throws {
    let result = try composedScripts([mawk], to: ["usr/bin/mawk": "y", "usr/bin/awk": "shipped"])
    #expect(try result.entryText("usr/bin/awk") == "file 644 0:0 \"shipped\"")
    #expect(result.ledger.warnings.count == 1)
  }

  @Test func unresolvedRegistrationsAreNamed() throws {
    let script = "#!/bin/sh\nupdate-alternatives --install /usr/bin/x x $(find-it) 1\n"
    let result = try composedScripts([scriptPackage("demo", ["postinst": script])])
    #expect(result.ledger.scripts.last?.handlers == [])
  }

  /// The layout of the record was compared with those update-alternatives 1.22 writes.
  @Test func developmentVariantsGetTheRecord() throws {
    let result = try composedScripts(
      [gawk, mawk], to: ["usr/bin/gawk": "x", "usr/bin/mawk": "y"], isRuntime: false)
    let record = """
      auto
      /usr/bin/awk
      awk.1.gz
      /usr/share/man/man1/awk.1.gz
      nawk
      /usr/bin/nawk

      /usr/bin/gawk
      10

      /usr/bin/gawk
      /usr/bin/mawk
      5
      /usr/share/man/man1/mawk.1.gz
      /usr/bin/mawk


      """
    #expect(
      try result.entryText("var/lib/dpkg/alternatives/awk") == "file 644 0:0 \"\(record)\"")
  }
}
