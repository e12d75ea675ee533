import Testing

@testable import PkgResolve

/// Entries of a recipe's list of packages, which are not quite those of apk's world.
@Suite struct AlpineRecipeRequestTests {
  private func pool(_ stanzas: [AlpineStanza], excluding excluded: Set<String>) throws -> AlpinePool
  {
    let table = try AlpineOracle.table(stanzas.map(\.text).joined(), name: "main")
    return try AlpinePool(
      architecture: "x86_64", indexes: [.init(table)], excluding: excluded)
  }

  private func solve(_ entries: [String], _ stanzas: [AlpineStanza]) throws -> Resolution {
    var request = AlpineRequest()
    for (line, entry) in entries.enumerated() {
      try request.add(entry: entry, location: "r.yaml:\(line + 1):3")
    }
    return try AlpineSolver().solve(
      request, in: try pool(stanzas, excluding: request.excludedNames))
  }

  private func names(_ resolution: Resolution) -> [String] {
    resolution.packages.map { "\($0.record.name)=\($0.record.version)" }
  }

  @Test(arguments: [
    ("a=1.2", ["a=1.2-r3"]), ("a=1.2-r1", ["a=1.2-r1"]), ("a~1", ["a=1.2.1-r0"]),
    ("a<1.2.1", ["a=1.2_p1-r0"]), ("a", ["a=1.2.1-r0"]), ("a=1.2_p1", ["a=1.2_p1-r0"]),
  ]) func `a version without a revision stands for each revision of it and for nothing else`(
    entry: String, chosen: [String]
  ) throws {
    let stanzas = ["1.2-r1", "1.2-r3", "1.2_p1-r0", "1.2.1-r0", "1.2_rc1-r9"].map {
      AlpineStanza("a", $0)
    }
    #expect(names(try solve([entry], stanzas)) == chosen)
  }

  @Test func `a version that is not there is told with those that are`() throws {
    let error = #expect(throws: ResolveError.self) {
      try solve(["a=1.3"], [AlpineStanza("a", "1.2-r1")])
    }
    #expect(error?.description == "r.yaml:1:3: a=1.3: there is only 1.2-r1 (main)")
  }

  @Test func `an exclusion keeps a package out and counts as met`() throws {
    let stanzas = [
      AlpineStanza("app", depends: "/bin/sh so:libx.so.1 tool"),
      AlpineStanza("busybox-binsh", depends: "busybox", provides: "/bin/sh", priority: 100),
      AlpineStanza("busybox"), AlpineStanza("x", provides: "so:libx.so.1=1"),
      AlpineStanza("tool", depends: "busybox"),
    ]
    #expect(
      names(try solve(["app"], stanzas))
        == ["app=1", "busybox=1", "busybox-binsh=1", "tool=1", "x=1"])
    let bare = try solve(["app", "!busybox-binsh", "!busybox"], stanzas)
    #expect(names(bare) == ["app=1", "tool=1", "x=1"])
    #expect(bare.waived == ["app depends on /bin/sh", "tool depends on busybox"])
    #expect(bare.warnings.isEmpty)
    let virtual = try solve(["app", "!/bin/sh", "!tool"], stanzas)
    #expect(names(virtual) == ["app=1", "x=1"])
    #expect(virtual.waived == ["app depends on /bin/sh", "app depends on tool"])
  }

  @Test func `another provider is taken before a dependency counts as met`() throws {
    let stanzas = [
      AlpineStanza("app", depends: "sh"), AlpineStanza("ash", provides: "sh=1", priority: 9),
      AlpineStanza("dash", provides: "sh=1"),
    ]
    #expect(names(try solve(["app", "!ash"], stanzas)) == ["app=1", "dash=1"])
  }

  @Test func `an excluded package does not come in by install_if`() throws {
    let stanzas = [AlpineStanza("a"), AlpineStanza("a-doc", installIf: "a")]
    #expect(names(try solve(["a"], stanzas)) == ["a=1", "a-doc=1"])
    #expect(names(try solve(["a", "!a-doc"], stanzas)) == ["a=1"])
  }

  @Test func `what is asked for as well is installed, and what excludes nothing is told`() throws {
    let resolution = try solve(["curl", "!curl", "!crul"], [AlpineStanza("curl")])
    #expect(names(resolution) == ["curl=1"])
    #expect(
      resolution.warnings == [
        "r.yaml:2:3: !curl: is asked for as well, and so it is installed",
        "r.yaml:3:3: !crul: excludes nothing, for no package has this name; near names: curl",
      ])
  }

  @Test func `a dependency that an exclusion counts as met is an edge to nothing`() throws {
    let stanzas = [
      AlpineStanza("app", depends: "tool gone"), AlpineStanza("tool", depends: "busybox"),
      AlpineStanza("busybox"),
    ]
    let resolution = try solve(["app", "!busybox", "!gone"], stanzas)
    #expect(
      resolution.packages.map { $0.requirements.map(\.relation) } == [
        ["tool", "gone"], ["busybox"],
      ])
    #expect(
      resolution.packages.map { $0.requirements.map(\.packages) } == [[[1], []], [[]]])
    #expect(resolution.waived == ["app depends on gone", "tool depends on busybox"])
    // No package is called gone, but without its exclusion there would be no answer.
    #expect(resolution.warnings.isEmpty)
  }

  @Test(arguments: ["cmd:sh", "cmd:sh=2", "cmd:sh>=2"])
  func `an entry that only an excluded package would meet says so`(entry: String) {
    let stanzas = [
      AlpineStanza("busybox", provides: "cmd:sh=2-r1"),
      AlpineStanza("old", provides: "cmd:sh=1-r0"),
    ]
    let excluded = entry == "cmd:sh" ? ["!busybox", "!old"] : ["!busybox"]
    let error = #expect(throws: ResolveError.self) { try solve([entry] + excluded, stanzas) }
    let (names, places) =
      entry == "cmd:sh"
      ? ("busybox, old", "r.yaml:2:3: !busybox, r.yaml:3:3: !old")
      : ("busybox", "r.yaml:2:3: !busybox")
    #expect(
      error?.description
        == "r.yaml:1:3: \(entry): only \(names) would meet it, which the request excludes (\(places)); "
        + "remove one of the two entries")
  }

  @Test func `a dependency on another version than the excluded one is not met`() {
    let stanzas = [
      AlpineStanza("app", depends: "lib>2"), AlpineStanza("x", provides: "lib=1"),
    ]
    let error = #expect(throws: ResolveError.self) { try solve(["app", "!x"], stanzas) }
    #expect(
      error?.description.contains(
        "app-1 needs lib>2, but the request excludes what has or provides it, and that in another "
          + "version") == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    ("wget:amd64", "\":arch\" is Debian's form; leave it out: wget"),
    ("wget:aarch64=1.2", "\":arch\" is Debian's form; leave it out: wget=1.2"),
    ("!wget:any", "\":arch\" is Debian's form; leave it out: !wget"),
    ("wget/bookworm", "\"/suite\" is Debian's form; leave it out: wget"),
    ("wget:amd64/bookworm", "\":arch\" is Debian's form; leave it out: wget"),
  ]) func `an architecture and a suite are Debian's`(entry: String, message: String) {
    var request = AlpineRequest()
    let error = #expect(throws: ResolveError.self) {
      try request.add(entry: entry, location: "r.yaml:1:3")
    }
    #expect(error?.description == "r.yaml:1:3: \(entry): \(message)")
    #expect(error?.code == .invalidRequest)
  }

  @Test func `a fault begins with the entry's place`() {
    var request = AlpineRequest()
    let error = #expect(throws: ResolveError.self) {
      try request.add(entry: "wget@", location: "r.yaml:1:3")
    }
    #expect(
      error?.description
        == "r.yaml:1:3: wget@: a tag is missing after \"@\"; expected name, name@tag, !name, or one of "
        + "these with =, <, <=, >, >=, ~, <~ or >~ and a version")
  }

  @Test(arguments: [
    "so:libx.so.1", "so:libc.musl-x86_64.so.1", "cmd:curl", "cmd:i386", "cmd:x86_64", "pc:x86",
    "py3.12:x", "py3.12:any", "/bin/sh", "dbus:org.x", "!/bin/sh", "wget@edge>=1",
  ]) func `Alpine's own names are none of Debian's forms`(entry: String) throws {
    var request = AlpineRequest()
    try request.add(entry: entry, location: "r.yaml:1:3")
    #expect(request.items.count + request.exclusions.count == 1)
  }

  @Test func `a tag whose repository has no index is told as that`() throws {
    var request = AlpineRequest()
    try request.add(entry: "a@edge", location: "r.yaml:1:3")
    request.unservedTags = ["edge": "edge/testing"]
    let pool = try pool([AlpineStanza("a")], excluding: [])
    let error = #expect(throws: ResolveError.self) { try AlpineSolver().solve(request, in: pool) }
    #expect(
      error?.description
        == "r.yaml:1:3: a@edge: the repository of @edge, edge/testing, has no index for x86_64; leave "
        + "the tag out, or name a repository that has one")
  }

  @Test func `an exclusion names a package and no more`() {
    var request = AlpineRequest()
    let error = #expect(throws: ResolveError.self) {
      try request.add(entry: "!a>1", location: "r.yaml:1:3")
    }
    #expect(
      error?.description
        == "r.yaml:1:3: !a>1: an exclusion takes a name only; leave out what follows a")
  }
}
