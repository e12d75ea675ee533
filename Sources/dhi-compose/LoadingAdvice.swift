import FoundationEssentials
import OCIImage
import RootfsCompose

/// How to load and run what was just written.
enum LoadingAdvice {
  static func text(format: OutputFormat, path: String, recipe: Recipe) -> String {
    let name = quoted(imageName(of: recipe))
    switch format {
    case .oci: return lines(source: "oci:" + quoted(path), name: name)
    case .ociArchive: return lines(source: "oci-archive:" + quoted(path), name: name)
    case .dockerArchive:
      return """
          docker:  docker load --input \(quoted(path))
          podman:  podman load --input \(quoted(path))
          skopeo:  skopeo inspect docker-archive:\(quoted(path))
        """
    case .tar:
      return "  docker:  docker import \(quoted(path)) \(name)"
    }
  }

  /// The last part of the recipe's image name and its first tag: what a person would call the image locally. Recipes
  /// without tags often share an image name (`wget.yaml` and `wget-dev.yaml`), and go by their files' names.
  private static func imageName(of recipe: Recipe) -> String {
    guard let tag = recipe.definition.tags.first else { return fileName(of: recipe) + ":latest" }
    guard let image = recipe.definition.image else { return fileName(of: recipe) + ":" + tag }
    let name = image.split(separator: "/").last.map { $0.prefix { $0 != ":" && $0 != "@" } }
    return (name.map(String.init) ?? "image") + ":" + tag
  }

  /// As a repository may be called. Source: distribution/reference, "Grammar".
  private static func fileName(of recipe: Recipe) -> String {
    let parts = RecipeName.image(of: recipe).lowercased().split(separator: ".").map { part in
      part.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
    }
    let name = parts.filter { !$0.isEmpty }.joined(separator: ".")
    return name.isEmpty ? "image" : name
  }

  private static func lines(source: String, name: String) -> String {
    """
      docker:  skopeo copy \(source) docker-daemon:\(name) && docker run --rm \(name)
      podman:  skopeo copy \(source) containers-storage:localhost/\(name) && podman run --rm localhost/\(name)
      skopeo:  skopeo copy --all \(source) docker://REGISTRY/\(name)
    """
  }

  /// A word as a shell takes it.
  static func quoted(_ word: String) -> String {
    let plain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || Array("/._-+:@=,".utf8).contains(byte)
      }
    return plain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
