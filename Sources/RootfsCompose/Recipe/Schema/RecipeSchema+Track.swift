extension RecipeSchema {
  private static let text = SchemaNode.text(.program)
  private static let texts = SchemaNode.list(.text(.program))

  /// The schema lets every form hold further keys. Of `var_increment` it has two forms, of which the second only
  /// asks for more; one covers both.
  static let track = SchemaNode.chosen(
    by: "type",
    [
      (
        ["github_release"],
        form([
          SchemaKey("owner", text, required: true),
          SchemaKey("repo", text, required: true),
          SchemaKey("set", .either(text: .program, list: releaseSet), required: true),
          SchemaKey("use", .text(.oneOf(["release", "tag"]))),
          SchemaKey("match", text),
        ])
      ),
      (
        ["github_tag"],
        form([
          SchemaKey("owner", text, required: true),
          SchemaKey("repo", text, required: true),
          SchemaKey("match", text, required: true),
          SchemaKey("set", .either(text: .program, list: releaseSet), required: true),
        ])
      ),
      (
        ["github_repository"],
        form([
          SchemaKey("owner", text, required: true),
          SchemaKey("repo", text, required: true),
          SchemaKey("branch", text),
          SchemaKey("set", .free, required: true),
        ])
      ),
      (["alpine_package"], package(prefix: "pkg:apk/", [])),
      (["debian_package"], package(prefix: "pkg:deb/", [SchemaKey("match", text)])),
      (
        ["var_increment"],
        form([
          SchemaKey("set", text), SchemaKey("increment", texts), SchemaKey("reset", texts),
        ])
      ),
      (
        ["oci_artifact"],
        form([
          SchemaKey("name", text, required: true),
          SchemaKey("match", text, required: true),
          SchemaKey("set", artifactSet, required: true),
        ])
      ),
      (
        ["file", "json_file"],
        form([
          SchemaKey("url", text, required: true),
          SchemaKey("set", .free, required: true),
          SchemaKey("name", text),
        ])
      ),
    ])

  private static func form(_ keys: [SchemaKey]) -> SchemaObject {
    SchemaObject(isOpen: true, [SchemaKey("type", text, required: true)] + keys)
  }

  private static func package(prefix: String, _ more: [SchemaKey]) -> SchemaObject {
    let form = TextForm("a package URL", variables: .kept) { text in
      text.hasPrefix(prefix) ? nil : .expected("a package URL that begins \"\(prefix)\"")
    }
    return Self.form(
      [SchemaKey("package", .text(form), required: true), SchemaKey("set", text, required: true)]
        + more)
  }

  private static let releaseSet = SchemaNode.list(
    .object(
      SchemaObject(
        isOpen: true,
        [
          SchemaKey("match", text),
          SchemaKey("value", .text(.oneOf(["commit", "tag", "name"])), required: true),
          SchemaKey("var", text, required: true),
        ])))

  private static let artifactSet = SchemaNode.list(
    .object(
      SchemaObject(
        isOpen: true,
        [
          SchemaKey("match", text),
          SchemaKey("value", .text(.oneOf(["digest", "tag", "reference"])), required: true),
          SchemaKey("var", text, required: true),
          SchemaKey("selection", .text(.oneOf(["longest", "exact", "default"]))),
        ])))
}
