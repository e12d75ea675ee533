import OCIImage

/// Every key of a recipe.
///
/// Source: the JSON Schema of Docker Hardened Images definitions, whose every property stands here, and below
/// `compose` the project's own keys. What the schema leaves open (a mode is any string there) is checked here as
/// composing needs it, except below `contents.builds` and `track`, which are read by the schema alone.
enum RecipeSchema {
  static let platforms = SchemaNode.list(
    .text(.oneOf(Platform.supported.map(\.description))), .distinct)
  static let identifier = SchemaNode.integer(0...4_294_967_294)
  static let condition = SchemaKey("if", .string, "Refused: conditions are not evaluated.")

  static let root = SchemaObject(identity + content + runtime + claims)

  private static let identity = [
    SchemaKey("name", .string, "The image's title."),
    SchemaKey("image", .string, "The image's name, without a tag."),
    SchemaKey(
      "variant", .text(.oneOf(Definition.Variant.allCases.map(\.rawValue))),
      "runtime (default) is hardened; dev keeps its tools; helm is refused."),
    SchemaKey("flavor", .string, "${target.flavor}; no other effect."),
    SchemaKey("entitlement", .text(.oneOf(["public", "enterprise", "els"])), "No effect."),
    SchemaKey("tags", .strings, "Names for the image; no effect on its bytes."),
    SchemaKey("suffix", .string, "Part of published tags; no effect."),
    SchemaKey("platforms", platforms, "What the image is composed for; default both."),
    SchemaKey(
      "compression", .text(.oneOf(Definition.Compression.allCases.map(\.rawValue))),
      "The layers' compression."),
    SchemaKey(
      "output", .text(.oneOf(Definition.Output.allCases.map(\.rawValue))),
      "layered, or squashed: one layer."),
    SchemaKey("dates", .object(dates), "When the software was released and ends; no effect."),
    SchemaKey("track", .list(track), "How versions are watched for updates; no effect."),
    SchemaKey("includes", .strings, "Refused: compose the merged definition."),
    SchemaKey(
      "vars", variables,
      "Variables, used as ${NAME} in every other text and in one another."),
  ]

  private static let content = [
    SchemaKey("contents", .object(contents), "What the image is made of."),
    SchemaKey("accounts", .object(accounts(isStrict: true)), "Users and groups."),
    SchemaKey("os-release", .object(osRelease), "Fields of /etc/os-release."),
    SchemaKey(
      "paths", .list(.object(pathItem(isStrict: true))), "Paths made, changed or removed, in order."
    ),
  ]

  private static let runtime = [
    SchemaKey("work-dir", .text(.imagePath), "Working directory of containers."),
    SchemaKey("stop-signal", .text(.stopSignal), "The signal that stops containers."),
    SchemaKey(
      "environment", .map(.string, names: .environmentName), "Environment of containers."),
    SchemaKey("annotations", .map(.string, names: .labelName), "Annotations of the manifests."),
    SchemaKey("labels", .map(.string, names: .labelName), "Labels of the configuration."),
    SchemaKey("entrypoint", .list(.text(.program)), "Entrypoint of containers."),
    SchemaKey("cmd", .list(.text(.program)), "Default arguments of containers."),
    SchemaKey("ports", .list(.text(.port)), "Ports that the image exposes."),
  ]

  private static let claims = [
    SchemaKey("tests", .list(.object(test)), "Tests of the image; not run."),
    SchemaKey("fips-compliant", .boolean, "true is refused: composing cannot prove it."),
    SchemaKey("stig-certified", .boolean, "true is refused: composing cannot prove it."),
    SchemaKey("compose", .object(compose), "dhi-compose's own keys."),
  ]

  private static let dates = SchemaObject(
    ["type", "url", "release", "end-of-life", "end-of-support"].map { SchemaKey($0, .string) })

  private static let osRelease = SchemaObject(
    ["name", "id"].map { SchemaKey($0, .text(.line)) }
      + [SchemaKey("id-like", .text(.idLike))]
      + ["version-id", "version-codename", "pretty-name", "home-url", "bug-report-url"].map {
        SchemaKey($0, .text(.line))
      })

  private static let test = SchemaObject([
    SchemaKey("name", .text(.program)),
    SchemaKey("directory", .text(.program)),
    SchemaKey("commands", .list(.text(.program))),
    SchemaKey("exit-code", .anyInteger, required: true),
    SchemaKey("timeout", .anyInteger),
    SchemaKey("output", .text(.program)),
  ])

  static let compose = SchemaObject(
    [
      SchemaKey(
        "distribution", .text(.distribution),
        "debian-13 and the like, where no line `# syntax=…` names it."),
      SchemaKey(
        "distributions", .map(.object(distribution), names: .distribution),
        "Instead of one distribution, several from one recipe: what differs between them."),
    ] + sources + [
      SchemaKey("includes", .list(.text(.pathPattern)), "Paths kept although a rule drops them."),
      SchemaKey("excludes", .list(.text(.pathPattern)), "Paths dropped from what packages ship."),
      SchemaKey("exceptions", .list(.object(exception)), "Paths that a hardening rule lets pass."),
    ])

  /// Where one distribution's packages come from.
  private static let sources = [
    SchemaKey("snapshot", .text(.snapshot), "The moment of the archives to resolve against, UTC."),
    SchemaKey("mirror", .text(.mirror), "Mirror of the distribution's archive."),
    SchemaKey("security-mirror", .text(.mirror), "Mirror of its security archive."),
    SchemaKey("pins", .list(.object(pin)), "Which suites packages are preferred from."),
  ]

  /// What may differ between the distributions of one recipe: packages, where they come from, and words.
  private static let distribution = SchemaObject(
    [
      SchemaKey("packages", .list(.text(.package)), "Stand after those of contents."),
      SchemaKey("repositories", .list(.text(.repository)), "Stand after those of contents."),
      SchemaKey("keyring", .list(.text(.keyring)), "Stand after those of contents."),
      SchemaKey("vars", variables, "Stand before the recipe's own of the same name."),
    ] + sources)

  private static let variables = SchemaNode.map(
    .text(TextForm("text", variables: .none) { TextForm.any.check($0) }), names: .variableName)

  private static let pin = SchemaObject([
    SchemaKey("suite", .text(.suite), required: true),
    SchemaKey("packages", .list(.text(.packagePattern))),
    SchemaKey("priority", .integer(-1...32767), required: true),
  ])

  private static let exception = SchemaObject([
    SchemaKey("rule", .text(.ruleName), required: true),
    SchemaKey("paths", .list(.text(.pathPattern))),
    SchemaKey("reason", .string),
  ])
}

extension TextForm {
  static let suite = matching("a suite such as \"trixie-backports\"") { text in
    RecipeText.isWord(text[...], or: "._+~/-")
  }

  static let packagePattern = matching("a package name, in which \"*\" stands for any letters") {
    text in RecipeText.isWord(text[...], or: ".+-*")
  }

  static let ruleName = matching("a rule's name of a-z, 0-9 and \"-\"") { text in
    !text.isEmpty
      && text.utf8.allSatisfy {
        RecipeText.isLowercase($0) || RecipeText.isDigit($0) || $0 == UInt8(ascii: "-")
      }
  }
}
