import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import RootfsCompose

/// However many packages are held, few of their files are open.
@Suite struct OpenContentFilesTests {
  private static func file(
    _ text: String, in directory: TemporaryDirectory, among files: OpenContentFiles,
    mayClose: Bool = true
  ) throws -> ContentFile {
    let path = try directory.write(text, to: text)
    let file = ContentFile(owning: open(path, O_RDWR | O_CLOEXEC), path: path, among: files)
    if mayClose { file.allowClosing() }
    return file
  }

  private static func text(_ file: ContentFile) throws -> String {
    String(decoding: try file.read(offset: 0, count: 3), as: UTF8.self)
  }

  @Test func filesAreClosedAndOpenedAgain() throws {
    let directory = try TemporaryDirectory()
    let files = OpenContentFiles(most: 3)
    var held = [ContentFile]()
    for number in 100..<200 {
      held.append(try Self.file("\(number)", in: directory, among: files))
      #expect(files.openCount <= 3)
    }
    for _ in 0..<2 {
      for (file, number) in zip(held, 100...) { #expect(try Self.text(file) == "\(number)") }
    }
    #expect(files.openCount == 3)
    held = []
    #expect(files.openCount == 0)
  }

  @Test func whatHasNoNameStaysOpen() throws {
    let directory = try TemporaryDirectory()
    let files = OpenContentFiles(most: 2)
    let nameless = try (100..<105).map {
      try Self.file("\($0)", in: directory, among: files, mayClose: false)
    }
    #expect(files.openCount == 5)
    let other = try Self.file("200", in: directory, among: files)
    for number in 100..<105 {
      try FileManager.default.removeItem(atPath: directory.file("\(number)"))
    }
    for (file, number) in zip(nameless, 100...) { #expect(try Self.text(file) == "\(number)") }
    #expect(try Self.text(other) == "200")
  }

  @Test func anotherFileUnderTheNameIsNotRead() throws {
    let directory = try TemporaryDirectory()
    let files = OpenContentFiles(most: 1)
    let gone = try Self.file("one", in: directory, among: files)
    let replaced = try Self.file("two", in: directory, among: files)
    let last = try Self.file("six", in: directory, among: files)
    try FileManager.default.removeItem(atPath: directory.file("one"))
    try directory.write("xxx", to: "new")
    #expect(rename(directory.file("new"), directory.file("two")) == 0)
    for (file, words) in [(gone, "cannot be opened any more"), (replaced, "was replaced")] {
      let error = #expect(throws: ComposeError.self) { try Self.text(file) }
      #expect(error?.code == .storeUnreadable)
      #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
    }
    #expect(try Self.text(last) == "six")
  }

  @Test func manyThreadsReadWhatIsClosedUnderThem() async throws {
    let directory = try TemporaryDirectory()
    let files = OpenContentFiles(most: 2)
    let held = try (100..<120).map { try Self.file("\($0)", in: directory, among: files) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for start in 0..<8 {
        group.addTask {
          for step in 0..<400 {
            let place = (start * 7 + step * 3) % held.count
            let text = try Self.text(held[place])
            #expect(text == "\(100 + place)")
          }
        }
      }
      try await group.waitForAll()
    }
    // So many may have been in use at the end of the last opening.
    #expect(files.openCount <= 8)
  }
}

@Suite struct DescriptorLimitTests {
  @Test(arguments: [
    (1024, 24, 4, 250), (1024, 24, 2, 300), (-1, 500, 3, 300), (200, 190, 3, 8), (200, 5000, 3, 8),
    (200, -1, 2, 100),
  ])
  func whatIsTakenIsLeftToOthers(limit: Int, taken: Int, part: Int, share: Int) {
    #expect(DescriptorLimit.share(of: part, most: 300, limit: limit, taken: taken) == share)
  }
}
