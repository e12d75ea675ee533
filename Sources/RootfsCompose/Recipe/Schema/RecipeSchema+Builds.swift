extension RecipeSchema {
  private static let text = SchemaNode.text(.program)
  private static let texts = SchemaNode.list(.text(.program))
  private static let textMap = SchemaNode.map(.text(.program), names: .labelName)

  /// Read whole, so that a recipe with a typing error in a build is told so, and refused when it is composed.
  static let build = SchemaObject(
    texts(["name", "if", "entitlement", "uses", "work-dir", "shell"]) + [
      SchemaKey("privileged", .boolean),
      SchemaKey("environment", textMap),
      SchemaKey("caches", .list(.object(cache))),
      SchemaKey(
        "matrix",
        .list(.object(SchemaObject([SchemaKey("name", text), SchemaKey("items", .free)])))),
      SchemaKey("contents", .object(buildContents)),
      SchemaKey("pipeline", .list(.object(step))),
      SchemaKey("paths", .list(.object(pathItem(isStrict: false)))),
      SchemaKey("accounts", .object(accounts(isStrict: false))),
      SchemaKey("outputs", .list(.object(output))),
      SchemaKey(
        "attestations",
        .list(
          .object(
            SchemaObject(
              texts(["if", "predicate-type", "source"]) + [SchemaKey("diff", .boolean)])))),
    ])

  private static func texts(_ names: [String]) -> [SchemaKey] {
    names.map { SchemaKey($0, text) }
  }

  private static let cache = SchemaObject([
    SchemaKey("path", text, required: true),
    SchemaKey("sharing", .text(.oneOf(["shared", "private", "locked"]))),
  ])

  private static let buildContents = SchemaObject([
    SchemaKey("repositories", texts),
    SchemaKey("keyring", texts),
    SchemaKey("packages", texts),
    SchemaKey("files", .list(.object(file(isStrict: false)))),
    SchemaKey("mappings", textMap),
    SchemaKey("artifacts", .list(.object(artifact))),
  ])

  private static let step = SchemaObject(
    texts(["name", "if", "uses", "run-as", "work-dir", "shell"]) + [
      SchemaKey("privileged", .boolean),
      SchemaKey("environment", textMap),
      SchemaKey("caches", .list(.object(cache))),
      SchemaKey("secrets", .list(.object(secret))),
      SchemaKey("with", .free),
      SchemaKey("runs", text),
    ])

  private static let secret = SchemaObject([
    SchemaKey("id", text, required: true),
    SchemaKey("if", text),
    SchemaKey("env", text, required: true),
    SchemaKey("optional", .boolean),
  ])

  private static let output = SchemaObject(
    texts(["source", "target", "if"]) + [
      SchemaKey("uid", .anyInteger),
      SchemaKey("gid", .anyInteger),
      SchemaKey("mode", text),
      SchemaKey("diff", .boolean),
    ])
}
