import FoundationEssentials
import OCIImage
import Testing

@testable import RootfsCompose

@Suite("Paths and files of a recipe")
struct PathsEffectTests {
  typealias Item = Definition.PathItem

  static func item(_ kind: Item.Kind, _ path: String, _ change: (inout Item) -> Void = { _ in })
    -> Item
  {
    var item = Item(location: SampleTree.location, kind: kind, path: path)
    change(&item)
    return item
  }

  /// A folder of the host with the files given, removed afterwards.
  static func withFolder<Result>(
    _ files: [String: String], _ body: (String) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.path + "/paths-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      let path = folder + "/" + name
      let parent = path.split(separator: "/").dropLast().joined(separator: "/")
      try FileManager.default.createDirectory(
        atPath: "/" + parent, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: path))
    }
    return try body(folder)
  }

  static func applied(
    _ items: [Item], to tree: ComposedTree = ComposedTree(), folder: String = "/nonexistent",
    platform: Platform = .linuxAMD64
  ) throws -> ComposedTree {
    var tree = tree
    var placed = [TreePath: RootfsCompose.SourceLocation]()
    try PathsEffect(items: items, folder: RecipeFolder(path: folder), platform: platform)
      .apply(to: &tree, placed: &placed)
    return tree
  }

  @Test("every type does what it says, in order")
  func types() throws {
    let packages = try SampleTree.make([
      "bin": .symlink(to: "usr/bin"), "usr/bin/tool": SampleTree.program("tool"),
      "var/run": .directory(), "var/run/old": .file("x"), "srv/data/a": .file("a", mode: 0o600),
      "srv/data/run": .file("a", mode: 0o700),
    ])
    let tree = try Self.applied(
      [
        Self.item(.delete, "/var/run"),
        Self.item(.symlink, "/var/run") { $0.source = "../run" },
        Self.item(.symlink, "/bin/t") { $0.source = "tool" },
        Self.item(.directory, "/opt/app/data") {
          $0.uid = 1000
          $0.gid = 1001
          $0.mode = 0o750
        },
        Self.item(.directory, "/srv/data") {
          $0.uid = 5
          $0.mode = 0o755
          $0.recursive = true
        },
        Self.item(.file, "/etc/app.conf") {
          $0.content = "key = value\n"
          $0.mode = 0o640
        },
        Self.item(.emptyfile, "/etc/empty"),
        Self.item(.emptyfile, "/etc/only-arm") { $0.platforms = [.linuxARM64] },
      ], to: packages)
    #expect(
      tree.outline == [
        "/bin link usr/bin", "/etc dir 755", "/etc/app.conf file 640", "/etc/empty file 644",
        "/opt dir 755", "/opt/app dir 755", "/opt/app/data dir 750 1000:1001", "/srv dir 755",
        "/srv/data dir 755 5:0", "/srv/data/a file 644 5:0", "/srv/data/run file 755 5:0",
        "/usr dir 755", "/usr/bin dir 755", "/usr/bin/t link tool", "/usr/bin/tool file 755",
        "/var dir 755", "/var/run link ../run",
      ])
    #expect(try tree.text(at: "etc/app.conf") == "key = value\n")
    #expect(tree.tree["etc/empty"]?.content?.count == 0)
  }

  @Test("files and directories come from the recipe's folder")
  func sources() throws {
    try Self.withFolder(["conf/app.conf": "c", "tree/a/b": "1", "tree/c": "2"]) { folder in
      let tree = try Self.applied(
        [
          Self.item(.file, "/etc/app.conf") { $0.source = "conf/app.conf" },
          Self.item(.directory, "/opt/x") {
            $0.source = "tree"
            $0.uid = 7
            $0.mode = 0o700
          },
        ], folder: folder)
      #expect(
        tree.outline == [
          "/etc dir 755", "/etc/app.conf file 644", "/opt dir 755", "/opt/x dir 700 7:0",
          "/opt/x/a dir 755 7:0", "/opt/x/a/b file 644 7:0", "/opt/x/c file 644 7:0",
        ])
      #expect(try tree.text(at: "opt/x/a/b") == "1")
    }
  }

  @Test("no source leaves the recipe's folder, by name or by link")
  func escapes() throws {
    try Self.withFolder(["in/file": "x"]) { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/in/out", withDestinationPath: "/etc/passwd")
      for (source, why) in [
        ("../x", "is not a path below the recipe's folder; write it relative, without \"..\""),
        (
          "/etc/passwd",
          "is not a path below the recipe's folder; write it relative, without \"..\""
        ),
        (
          "in/out", "is a link that leads out of the recipe's folder; copy the file into it"
        ),
      ] {
        #expect {
          try Self.applied([Self.item(.file, "/x") { $0.source = source }], folder: folder)
        } throws: {
          "\($0)" == "recipe.yaml:7:3: the source \"\(source)\" \(why)"
        }
      }
      #expect {
        try Self.applied([Self.item(.directory, "/x") { $0.source = "in" }], folder: folder)
      } throws: {
        "\($0)" == """
          recipe.yaml:7:3: the source "in/out" is a link that leads out of the recipe's folder; copy the file into it
          """
      }
    }
  }

  @Test("what cannot be placed is refused where it stands")
  func refusals() throws {
    let packages = try SampleTree.make([
      "loop": .symlink(to: "loop"), "etc/file": .file("x"), "usr/dir/a": .file("x"),
    ])
    let cases: [(Item, String)] = [
      (
        Self.item(.emptyfile, "x"),
        "the path \"x\" is not absolute; write it with a leading slash"
      ),
      (
        Self.item(.emptyfile, "/a/../../x"),
        "the path \"/a/../../x\" is not one below the image's root; write it without \"..\""
      ),
      (
        Self.item(.emptyfile, "/loop/x"),
        "the path /loop/x leads through links that loop or leave the image; name a path without them"
      ),
      (
        Self.item(.emptyfile, "/usr/dir"),
        "/usr/dir is a directory in the image; delete it first, or choose another path"
      ),
      (
        Self.item(.directory, "/etc/file"),
        "/etc/file is in the image and no directory; delete it first, or choose another path"
      ),
      (
        Self.item(.emptyfile, "/etc/file/x"),
        "cannot place /etc/file/x: its parent /etc/file is not a directory; expected a directory there"
      ),
      (
        Self.item(.symlink, "/etc/l") { $0.source = "../../x" },
        "the symlink /etc/l leads out of the image (\"../../x\"); name a target inside it"
      ),
      (Self.item(.symlink, "/etc/l"), "the symlink /etc/l needs \"source\", its target"),
      (Self.item(.file, "/etc/l"), "the file /etc/l needs either \"content\" or \"source\""),
      (
        Self.item(.emptyfile, "/x") { $0.condition = "a" },
        "conditions (\"if\") are not evaluated; use \"platforms\", or a recipe for each case"
      ),
    ]
    for (item, message) in cases {
      #expect {
        try Self.applied([item], to: packages)
      } throws: {
        "\($0)" == "recipe.yaml:7:3: " + message
      }
    }
  }

  @Test("deleting what is not there is a warning")
  func deleteNothing() throws {
    let tree = try Self.applied([Self.item(.delete, "/nothing")])
    #expect(
      tree.ledger.warnings == [
        "recipe.yaml:7:3: /nothing is to be deleted and is not in the image"
      ])
  }

  @Test("a large local file goes to the spool, one over the limit is refused")
  func load() throws {
    let text = String(repeating: "0123456789abcdef", count: 1 << 17)
    try Self.withFolder(["large": text]) { folder in
      let spool = try ContentSpool(directory: folder)
      let spooled = try RecipeFolder.load(folder + "/large", limit: 1 << 21, spool: spool)
      #expect(spooled == Content(Array(text.utf8)))
      #expect(try spooled.text() == text)
      #expect {
        try RecipeFolder.load(folder + "/large", limit: 100, spool: nil)
      } throws: {
        "\($0)" == "\(folder)/large: is 2097152 bytes; expected at most 100"
      }
      #expect {
        try RecipeFolder.load(folder, limit: 100, spool: nil)
      } throws: {
        "\($0)" == "\(folder): is not a regular file; expected one"
      }
    }
  }

  @Test("downloads are placed")
  func files() throws {
    try Self.withFolder(["blob": "content"]) { folder in
      var item = Definition.FileItem(
        location: SampleTree.location, url: "https://example.org/a/tool?x=1", path: "/usr/bin/")
      item.mode = 0o755
      var tree = ComposedTree()
      var placed = [TreePath: RootfsCompose.SourceLocation]()
      func apply(_ item: Definition.FileItem) throws {
        try FilesEffect(
          items: [item], platform: .linuxAMD64, downloads: [item.url: folder + "/blob"], spool: nil
        ).apply(to: &tree, placed: &placed)
      }
      try apply(item)
      #expect(tree.outline == ["/usr dir 755", "/usr/bin dir 755", "/usr/bin/tool file 755"])
      #expect(placed == ["usr/bin/tool": SampleTree.location])
    }
  }
}
