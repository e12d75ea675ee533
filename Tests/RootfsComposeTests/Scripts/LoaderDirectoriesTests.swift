import Testing

@testable import RootfsCompose

struct LoaderDirectoriesTests {
  /// A hundred files that each include all of them would be read a million times over.
  @Test(.timeLimit(.minutes(1)))
  func includesEachPatternOnce() throws {
    var files = ["etc/ld.so.conf": "include x/*\n/opt/a\n", "opt/a/libx.so.1": ""]
    for number in 0..<100 {
      files["etc/x/\(number)"] = String(repeating: "include x/*\n", count: 100) + "/opt/b\n"
    }
    let directories = LoaderDirectories(try scriptTree(files), "amd64")
    #expect(directories.all.first == "opt/a")
    #expect(directories.extra == ["opt/a"])
  }
}
