import Foundation
import OCIImage
import TestSupport
import Testing

@testable import RootfsCompose

@Suite(.enabled(if: SharedData.root != nil))
struct PublishedDefinitionTests {
  private let folder = (SharedData.root ?? "") + "/dhi"

  private func paths() throws -> [String] {
    let root = folder + "/definitions"
    let names = try FileManager.default.subpathsOfDirectory(atPath: root)
    return names.filter { $0.hasSuffix(".yaml") }.sorted().map { root + "/" + $0 }
  }

  @Test func everyPublishedDefinitionIsValid() throws {
    let paths = try paths()
    #expect(paths.count == 167)
    for path in paths {
      #expect(Recipe.diagnose(path: path).map(\.description) == [])
    }
  }

  /// The line decides, not the folder: six definitions for Alpine 3.24 name the builder for 3.23.
  @Test func distributionIsTheOneOfTheSyntaxLine() throws {
    var counts = [String: Int]()
    for path in try paths() {
      counts[try Recipe(contentsOf: path).distribution ?? "none", default: 0] += 1
    }
    #expect(
      counts == [
        "alpine-3.22": 22, "alpine-3.23": 43, "alpine-3.24": 4, "debian-12": 9, "debian-13": 89,
      ])
  }

  @Test func buildsAndArtifactsAreRefusedWhereTheyStand() throws {
    var refused = 0
    for path in try paths() {
      let recipe = try Recipe(contentsOf: path)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for (key, message) in [
        ("builds", "builds from source; dhi-compose composes packages, files and artifacts"),
        ("artifacts", "artifacts are not composed yet"),
      ] {
        let line = lines.firstIndex { $0 == "  \(key):" }
        let errors = recipe.unsupportedKeys().filter {
          $0.message.hasPrefix("contents.\(key):")
        }
        #expect(
          errors.map(\.description)
            == (line.map { ["\(path):\($0 + 1):3: contents.\(key): \(message)"] } ?? []))
        refused += errors.count
      }
    }
    #expect(refused > 50)
  }

  @Test func platformVariablesGetAValueForEachPlatform() throws {
    let varnish = try Recipe(contentsOf: folder + "/definitions/varnish/debian-13/9.yaml")
    let amd = varnish.definition.substituted(for: .linuxAMD64).contents.packages.map(\.value)
    let arm = varnish.definition.substituted(for: .linuxARM64).contents.packages.map(\.value)
    #expect(amd.contains("binutils-latest-x86-64-linux-gnu"))
    #expect(arm.contains("binutils-latest-aarch64-linux-gnu"))

    let operator130 = try Recipe(
      contentsOf: folder + "/definitions/cloudnative-pg/debian-13/1.30.yaml")
    let sources = operator130.definition.substituted(for: .linuxARM64).paths.compactMap(\.source)
    #expect(sources.contains("/operator/manager_arm64"))
  }

  /// After substitution nothing that is composed still holds a reference, programs' own text aside.
  @Test func noReferenceIsLeftInComposedText() throws {
    for path in try paths() {
      for platform in Platform.supported {
        let definition = try Recipe(contentsOf: path).definition.substituted(for: platform)
        let texts =
          definition.contents.packages.map(\.value) + definition.contents.repositories.map(\.value)
          + definition.contents.files.map(\.url) + definition.paths.map(\.path)
          + definition.paths.compactMap(\.source) + Array(definition.environment.values)
          + definition.vars.values
        #expect(texts.filter { $0.contains("${") || $0.contains("#{") } == [], "\(path)")
      }
    }
  }
}

/// Walks the published JSON Schema and asks whether the tables in ``RecipeSchema`` say the same.
@Suite(.enabled(if: SharedData.root != nil))
struct SchemaCoverageTests {
  @Test func everyKeyOfThePublishedSchemaIsKnownWithItsType() throws {
    let path = (SharedData.root ?? "") + "/dhi/definition.schema.json"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    var walk = SchemaWalk()
    walk.compare(schema, .object(RecipeSchema.root), "")
    #expect(walk.differences == [])
    #expect(walk.visited > 250)
  }
}

private struct SchemaWalk {
  var differences: [String] = []
  var visited = 0

  mutating func compare(_ json: [String: Any], _ node: SchemaNode, _ path: String) {
    visited += 1
    switch (json["type"] as? String, node) {
    case ("string", .text(let form)):
      let words = json["enum"] as? [String] ?? []
      if words != form.words { differences.append("\(path): \(words) is not \(form.words)") }
    case ("integer", .integer), ("boolean", .boolean): break
    case ("array", .list(let item, _)):
      compare(json["items"] as? [String: Any] ?? [:], item, path + "[]")
    case ("object", .chosen(_, let forms)):
      compareForms(json["oneOf"] as? [[String: Any]] ?? [], forms, path)
    case ("object", .map(let value, _)):
      compare(json["additionalProperties"] as? [String: Any] ?? [:], value, path + ".*")
    case ("object", .free):
      if json["properties"] != nil { differences.append("\(path): has properties") }
    case ("object", .object(let object)): compare(json, object, path)
    case (nil, .either(_, let list)):
      let forms = json["oneOf"] as? [[String: Any]] ?? []
      let array = forms.first { $0["type"] as? String == "array" }
      compare(array ?? [:], list, path)
    default: differences.append("\(path): \(json["type"] ?? "no type") is not \(node)")
    }
  }

  mutating func compare(_ json: [String: Any], _ object: SchemaObject, _ path: String) {
    let properties = json["properties"] as? [String: [String: Any]] ?? [:]
    let isClosed = json["additionalProperties"] as? Bool == false
    if isClosed == object.isOpen { differences.append("\(path): open or closed") }
    let own = path.isEmpty ? ["compose"] : []
    let missing = Set(properties.keys).symmetricDifference(object.keys.map(\.name)).subtracting(own)
    if !missing.isEmpty { differences.append("\(path): \(missing.sorted())") }
    let required = Set(json["required"] as? [String] ?? [])
    let ours = Set(object.keys.filter(\.isRequired).map(\.name))
    // A file without a URL or a path is no file, though the schema lets it pass.
    let expected = path == ".contents.files[]" ? ["url", "path"] : required
    if ours != expected { differences.append("\(path): required \(expected) is not \(ours)") }
    for (name, property) in properties {
      if let key = object.key(name) { compare(property, key.node, "\(path).\(name)") }
    }
  }

  mutating func compareForms(
    _ forms: [[String: Any]], _ ours: [(values: [String], object: SchemaObject)], _ path: String
  ) {
    for form in forms {
      let properties = form["properties"] as? [String: [String: Any]] ?? [:]
      let values = properties["type"]?["enum"] as? [String] ?? []
      // The second form of var_increment only narrows the first.
      if form["anyOf"] != nil { continue }
      guard let match = ours.first(where: { $0.values == values }) else {
        differences.append("\(path): no form for \(values)")
        continue
      }
      var narrowed = form
      var inner = properties
      inner["type"]?["enum"] = nil
      narrowed["properties"] = inner
      compare(narrowed, match.object, "\(path)(\(values.first ?? ""))")
    }
  }
}

/// Published definitions with bytes changed, cut and doubled: whatever comes of it, the reader answers and every
/// error names the file.
@Suite(.enabled(if: SharedData.root != nil))
struct MutatedDefinitionTests {
  @Test(arguments: ["bash/debian-13/5.yaml", "nginx/debian-12/mainline-dev.yaml"])
  func readerAnswers(_ name: String) throws {
    let path = (SharedData.root ?? "") + "/dhi/definitions/" + name
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(1, bound)
    }
    let pieces = [
      "\t", "&a ", "*a", "- ", ": ", "[", "{", "}", "${", "'", "\"", "|", "!", "\n", "~",
    ]
    var refused = 0
    for _ in 0..<150 {
      var changed = bytes
      for _ in 0...next(3) {
        let place = next(changed.count)
        switch next(3) {
        case 0: changed.remove(at: place)
        case 1: changed.insert(contentsOf: pieces[next(pieces.count)].utf8, at: place)
        default: changed[place] = UInt8(next(128))
        }
      }
      let text = String(decoding: changed, as: UTF8.self)
      do throws(ComposeError) {
        _ = try Recipe(text: text, path: "m.yaml")
      } catch {
        refused += 1
        for error in error.all { #expect(error.subject.hasPrefix("m.yaml"), "\(error)") }
      }
    }
    #expect(refused > 30)
  }
}
