import Testing

@testable import RootfsCompose

@Suite("Path patterns")
struct PathPatternTests {
  @Test(
    "match as recipes mean them",
    arguments: [
      ("/usr/share/doc", "/usr/share/doc", true),
      ("/usr/share/doc", "/usr/share/doc/bash/README", true),
      ("/usr/share/doc", "/usr/share/docs", false),
      ("/usr/share/doc/", "/usr/share/doc/x", true),
      ("/usr/share/doc/**", "/usr/share/doc", false),
      ("/usr/share/doc/**", "/usr/share/doc/a/b", true),
      ("/usr/*/doc", "/usr/share/doc", true),
      ("/usr/*/doc", "/usr/share/doc/a", false),
      ("/usr/*", "/usr/a/b", false),
      ("/usr/lib/python3.*/test", "/usr/lib/python3.13/test", true),
      ("/**/test", "/test", true),
      ("/**/test", "/a/b/test", true),
      ("/**/test", "/a/b/tests", false),
      ("/a/**/z", "/a/z", true),
      ("/a/**/b/**/z", "/a/x/b/b/y/z", true),
      ("/a/**/b/**/z", "/a/x/y/z", false),
      ("/**", "/etc", true),
      ("/etc/?", "/etc/a", true),
      ("/etc/?", "/etc/ab", false),
      ("/etc/[a-c]x", "/etc/bx", true),
      ("/etc/[!a-c]x", "/etc/bx", false),
      ("/etc/[]]x", "/etc/]x", true),
      ("/etc/[a-]x", "/etc/-x", true),
      ("/etc/\\*", "/etc/*", true),
      ("/etc/\\*", "/etc/a", false),
      ("/etc/*.so*.1", "/etc/libx.so.2.1", true),
      ("/etc/ä?", "/etc/äb", true),
    ])
  func match(pattern: String, path: String, expected: Bool) throws {
    let path = try #require(TreePath(path))
    #expect(try PathPattern(pattern).matches(path) == expected)
  }

  @Test("cover what lies below a directory they match")
  func cover() throws {
    let pattern = try PathPattern("/usr/lib/python3*/test")
    #expect(pattern.covers("usr/lib/python3.13/test/a/b"))
    #expect(!pattern.covers("usr/lib/python3.13/tests"))
  }

  @Test("follow a tree's links on their fixed part")
  func links() throws {
    let tree = try SampleTree.make([
      "bin": .symlink(to: "usr/bin"), "usr/bin/sh": .symlink(to: "dash"),
    ]).tree
    #expect(try PathPattern("/bin/sh").followingLinks(in: tree).matches("usr/bin/sh"))
    #expect(try PathPattern("/bin/*").followingLinks(in: tree).matches("usr/bin/dash"))
    #expect(try PathPattern("/bin").followingLinks(in: tree).matches("bin"))
    #expect(try !PathPattern("/bin/*").followingLinks(in: FileTree()).matches("usr/bin/dash"))
  }

  @Test("match bytes that are not UTF-8")
  func bytes() throws {
    let path = try #require(TreePath([0x65, 0x2F, 0xFF, 0xFE]))
    #expect(try PathPattern("/e/??").matches(path))
  }

  @Test(
    "are refused with the reason",
    arguments: [
      ("usr", "is not absolute; write it with a leading slash"),
      ("", "is not absolute; write it with a leading slash"),
      ("/", "names the root; name what lies below it"),
      ("/a/../b", "climbs with \"..\"; write the path it means"),
      (
        "/a/b**", "has \"**\" inside a component; let it stand alone between slashes"
      ),
      ("/a/[b", "has an unclosed or empty class; close it with \"]\" or write \"\\[\""),
      ("/a/[z-a]", "has an unclosed or empty class; close it with \"]\" or write \"\\[\""),
      ("/a/b\\", "has a component that ends with \"\\\"; write \"\\\\\""),
    ])
  func refusal(pattern: String, why: String) {
    #expect {
      try PathPattern(pattern, subject: "r.yaml:3:5")
    } throws: {
      "\($0)" == "r.yaml:3:5: the path pattern \"\(pattern)\" \(why)"
    }
  }
}
