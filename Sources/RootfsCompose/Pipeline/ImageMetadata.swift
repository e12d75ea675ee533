import OCIImage
import PkgResolve

/// What an image says of itself: configuration and annotations.
struct ImageMetadata {
  /// Filled in for the platform.
  let definition: Definition
  /// In seconds since 1970: never the clock's time.
  let epoch: Int64

  private var created: String { ImageConfiguration.timestamp(epoch) }

  /// `user` is numeric, `uid:gid`; `layers` says what each holds, where there is more than one.
  func configuration(user: String, layers: [String?]) -> ImageConfiguration {
    ImageConfiguration(
      created: created,
      config: ImageConfiguration.Execution(
        user: user,
        exposedPorts: Set(definition.ports.map { Self.port($0.value) }),
        environment: environment.map { "\($0.key)=\($0.value)" }.sorted(),
        entrypoint: definition.entrypoint, command: definition.cmd,
        workingDirectory: definition.workDir ?? "/", labels: definition.labels,
        stopSignal: definition.stopSignal),
      history: layers.map { title in
        ImageConfiguration.History(created: created, createdBy: "dhi-compose", comment: title)
      })
  }

  /// The recipe's, with the search path every engine expects where it names none.
  private var environment: [String: String] {
    var all = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    all.merge(definition.environment) { $1 }
    return all
  }

  /// `8080` means TCP.
  private static func port(_ text: String) -> String { text.contains("/") ? text : text + "/tcp" }

  /// Annotations of the manifests and the index. The recipe's stand before those derived here.
  var annotations: [String: String] {
    var all = [Annotation.created: created]
    if let name = definition.name { all[Annotation.title] = name }
    if let version = definition.vars["VERSION"] { all[Annotation.version] = version }
    all.merge(definition.annotations) { $1 }
    all[Annotation.created] = created
    return all
  }

  /// The name that a layout or archive records: the recipe's image, else its file's name, and the first tag.
  func referenceName(file: String) -> String {
    (definition.image ?? Self.name(ofFile: file)) + ":" + (definition.tags.first ?? "latest")
  }

  /// A file's name without folder and ending, as a repository may be called.
  ///
  /// Source: distribution/reference, "Grammar".
  private static func name(ofFile file: String) -> String {
    let last = file.split(separator: "/").last ?? ""
    let stem = last.prefix { $0 != "." }.lowercased()
    let words = stem.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.isEmpty ? "image" : words.joined(separator: "-")
  }
}
