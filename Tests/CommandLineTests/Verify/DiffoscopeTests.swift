import FoundationEssentials
import TestSupport
import Testing

/// Another program's judgement of what `verify` names.
@Suite(.enabled(if: HostProgram.find("diffoscope") != nil, "needs diffoscope"))
struct DiffoscopeTests {
  private let bench: VerifyBench

  init() throws { bench = try VerifyBench() }

  enum Plant: String, CaseIterable {
    case content, linkTarget, extra, missing

    var path: String {
      switch self {
      case .content: "usr/share/greet/words"
      case .linkTarget: "usr/share/greet/phrases"
      case .extra: "usr/share/greet/secret"
      case .missing: "usr/share/greet-data/two"
      }
    }

    func change(_ image: inout PlantedImage) throws {
      switch self {
      case .content: try image.change(path) { $0.content[3] ^= 1 }
      case .linkTarget: try image.change(path) { $0.setLink("/etc/passwd") }
      case .extra:
        let layer = try image.layer(of: "usr/share/greet/words")
        var member = try #require(
          image.layers[layer].members.first { $0.path == "usr/share/greet/words" })
        member.setPath(path)
        member.seal()
        image.layers[layer].members.append(member)
      case .missing:
        let layer = try image.layer(of: path)
        image.layers[layer].members.removeAll { $0.path == path }
      }
    }
  }

  /// The layers' archives before packing, in a folder.
  private func unpack(_ image: PlantedImage, to folder: String) throws -> String {
    for (position, layer) in image.layers.enumerated() {
      try bench.scratch.write(layer.bytes, to: "\(folder)/layer\(position).tar")
    }
    return bench.scratch.file(folder)
  }

  private func compare(_ planted: PlantedImage) throws -> HostProgram.Outcome {
    let diffoscope = try #require(HostProgram.find("diffoscope"))
    let original = try unpack(PlantedImage(bench.image), to: "original")
    return try diffoscope.run([
      "--exclude-directory-metadata=yes", "--text=-", original, unpack(planted, to: "planted"),
    ])
  }

  @Test(arguments: Plant.allCases)
  func itNamesTheSamePath(plant: Plant) throws {
    var planted = try PlantedImage(bench.image)
    try plant.change(&planted)
    try planted.write(to: bench.scratch.file("image"))
    let own = try bench.run(["verify", "image", "sample.yaml"])
    #expect(own.exitCode == 1)
    let first = own.output.split(separator: "\n").first ?? ""
    #expect(first.contains(": /\(plant.path): "), "\(first)")
    let other = try compare(planted)
    #expect(other.exitCode == 1, "\(other.errors)")
    #expect(other.output.contains(plant.path), "\(other.output)")
  }

  @Test func itFindsNothingWhereVerifyFindsNothing() throws {
    let image = try PlantedImage(bench.image)
    try image.write(to: bench.scratch.file("image"))
    #expect(try bench.run(["verify", "image", "sample.yaml"]).exitCode == 0)
    let other = try compare(image)
    #expect(other.exitCode == 0, "\(other.output)\(other.errors)")
    #expect(other.output == "")
  }
}
