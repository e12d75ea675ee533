import OCIImage
import TestSupport
import Testing

/// One recipe for glibc and for musl: packages built in test code, and those of a real Alpine release.
@Suite(.enabled(if: AlpineMirror.root != nil, "needs the recorded Alpine packages"))
struct OneSourceTests {
  private static func recipe(_ debian: String) -> String {
    """
    name: Base (${LIBC})
    image: example/base
    tags: ["${target.distribution}"]
    platforms: [linux/amd64]
    contents:
      packages: ['!awk']
    compose:
      distributions:
        debian-13:
          packages: [os-info, hello-data]
          mirror: \(debian)
          keyring: [archive.asc]
          vars: {LIBC: glibc}
        alpine-3.22:
          packages: [alpine-baselayout-data, alpine-release, ca-certificates-bundle, musl, tzdata]
          repositories: [\(AlpineMirror.x86)]
          vars: {LIBC: musl}
    accounts:
      root: true
      run-as: nonroot
      users: [{name: nonroot, uid: 65532, gid: 65532}]
      groups: [{name: nonroot, gid: 65532}]
    environment:
      LIBC: ${LIBC}

    """
  }

  @Test func bothAreLockedBuiltAndCompared() throws {
    let bench = try Bench()
    try bench.scratch.write(Self.recipe(bench.archive.directory), to: "sample.yaml")
    func run(_ arguments: String...) throws -> HostProgram.Outcome {
      let outcome = try ComposeProgram.run(arguments, directory: bench.folder)
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
      return outcome
    }
    let locks = ["debian-13", "alpine-3.22"].map { bench.scratch.file("sample.\($0).lock.json") }
    #expect(
      try run("lock", bench.recipe, "--store", bench.store).output
        == locks.map { $0 + "\n" }.joined())
    let built = try run("build", bench.recipe, "--store", bench.store, "--locked")
    let images = ["out/sample-debian-13", "out/sample-alpine-3.22"]
    let digests = try images.map { try Image(contentsOf: bench.scratch.file($0)).digest }
    #expect(built.output == zip(digests, images).map { "\($0)  \($1)\n" }.joined())

    let shown = try run("show", images[0], images[1])
    let rows = shown.output.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    for row in [
      "linux/amd64 sample-debian-13 sample-alpine-3.22",
      "≠ distribution Debian GNU/Linux 13 (trixie) Alpine Linux v3.19",
      "≠ libc none musl 1.2.4_git20230717-r4", "≠ packages 2 6 (+200%)", "shell none none",
      "package manager none none", "user 65532:65532 65532:65532", "≠ env LIBC glibc musl",
      "only in sample-debian-13: 2", "only in sample-alpine-3.22: 6", "tzdata 2023d-r0",
    ] {
      #expect(rows.contains(row), "\(row) in \(shown.output)")
    }
    let compared = try run("show", locks[0], locks[1])
    #expect(compared.output.contains("debian-13"))
    #expect(compared.output.contains("1.2.4_git20230717-r4, "))
    let why = try run(
      "why", "musl", "--recipe", bench.recipe, "--store", bench.store, "--distribution",
      "alpine-3.22")
    #expect(why.output.contains("musl 1.2.4_git20230717-r4"))
  }
}
