import OCIImage

extension RecipeSchema {
  static let contents = SchemaObject([
    SchemaKey(
      "repositories", .list(.text(.repository)),
      "Package archives; the distribution's own where there is none."),
    SchemaKey("keyring", .list(.text(.keyring)), "Keys that sign the repositories."),
    SchemaKey(
      "packages", .list(.text(.package)),
      "name, name=version, name:arch; !name is never installed and counts as met."),
    SchemaKey("files", .list(.object(file(isStrict: true))), "Files added from https or locally."),
    SchemaKey("builds", .list(.object(build)), "Refused: composing builds nothing from source."),
    SchemaKey("mappings", .map(.string, names: .labelName), "Package URLs for the inventory."),
    SchemaKey(
      "artifacts", .list(.object(artifact)), "Refused for now: content of other images."),
  ])

  /// - Parameter isStrict: whether values are checked for composing, not only by the schema.
  static func file(isStrict: Bool) -> SchemaObject {
    SchemaObject([
      SchemaKey(
        "url", isStrict ? .text(.fileSource) : .text(.program), required: isStrict),
      condition,
      SchemaKey("checksum", isStrict ? .text(.checksum) : .text(.program)),
      SchemaKey("path", isStrict ? .text(.imagePath) : .text(.program), required: isStrict),
      SchemaKey(
        "includes", patterns(isStrict),
        "The file is an archive: unpack these members below the path; all where there is none."),
      SchemaKey("excludes", patterns(isStrict), "The file is an archive: leave these members out."),
      SchemaKey("platforms", platforms),
      SchemaKey("spdx", .object(spdx)),
      SchemaKey("uid", isStrict ? identifier : .anyInteger),
      SchemaKey("gid", isStrict ? identifier : .anyInteger),
      SchemaKey("mode", isStrict ? .text(.mode) : .text(.program)),
      SchemaKey("secret-id", .text(.program)),
    ])
  }

  private static func patterns(_ isStrict: Bool) -> SchemaNode {
    isStrict ? .strings : .list(.text(.program))
  }

  private static let spdx = SchemaObject([
    SchemaKey("name", .text(.program)),
    SchemaKey("version", .text(.program)),
    SchemaKey(
      "packages",
      .list(
        .object(
          SchemaObject(
            ["name", "purl", "license", "path"].map { SchemaKey($0, .text(.program)) })))),
  ])

  static func pathItem(isStrict: Bool) -> SchemaObject {
    let text = SchemaNode.text(isStrict ? .any : .program)
    return SchemaObject([
      SchemaKey(
        "type", .text(.oneOf(Definition.PathItem.Kind.allCases.map(\.rawValue))), required: true),
      SchemaKey("path", isStrict ? .text(.imagePath) : text, required: true),
      condition,
      SchemaKey("content", .text(TextForm("text", variables: .kept))),
      SchemaKey("uid", isStrict ? identifier : .anyInteger),
      SchemaKey("gid", isStrict ? identifier : .anyInteger),
      SchemaKey("mode", isStrict ? .text(.mode) : text),
      SchemaKey("source", text),
      SchemaKey("recursive", .boolean),
      SchemaKey("platforms", platforms),
    ])
  }

  static func accounts(isStrict: Bool) -> SchemaObject {
    let name = SchemaNode.text(isStrict ? .accountName : .program)
    let number = isStrict ? identifier : .anyInteger
    let user = SchemaObject([
      SchemaKey("name", name, required: true),
      SchemaKey("uid", number, required: true),
      SchemaKey("gid", number, required: true),
      SchemaKey("mode", isStrict ? .text(.mode) : .text(.program)),
    ])
    let group = SchemaObject([
      SchemaKey("name", name, required: true),
      SchemaKey("gid", number, required: true),
      SchemaKey("members", .list(name)),
    ])
    return SchemaObject([
      SchemaKey("root", .boolean),
      SchemaKey("run-as", isStrict ? .text(.runAs) : .text(.program)),
      SchemaKey("users", .list(.object(user))),
      SchemaKey("groups", .list(.object(group))),
    ])
  }

  static let artifact = SchemaObject([
    SchemaKey("name", .text(.program)),
    condition,
    SchemaKey("includes", .list(.text(.program))),
    SchemaKey("excludes", .list(.text(.program))),
    SchemaKey("uid", .anyInteger),
    SchemaKey("gid", .anyInteger),
  ])
}
