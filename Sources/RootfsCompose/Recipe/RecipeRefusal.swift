/// Finds what a valid recipe asks for and composing cannot serve.
struct RecipeRefusal {
  let file: String
  private(set) var errors: [ComposeError] = []

  init(file: String) { self.file = file }

  mutating func visit(_ root: RecipeNode) {
    let contents = root["contents"]
    if let builds = contents?.entry("builds"), !builds.value.items.isEmpty {
      refuse(
        builds.keyMark, "contents.builds",
        "builds from source; dhi-compose composes packages, files and artifacts")
    }
    if let artifacts = contents?.entry("artifacts"), !artifacts.value.items.isEmpty {
      refuse(artifacts.keyMark, "contents.artifacts", "artifacts are not composed yet")
    }
    for (index, item) in (contents?["files"]?.items ?? []).enumerated() {
      visit(file: item, "contents.files[\(index)]")
    }
    for (index, item) in (root["paths"]?.items ?? []).enumerated() {
      condition(item, "paths[\(index)]")
      visit(path: item, "paths[\(index)]")
    }
    visit(keyring: contents?["keyring"], "contents.keyring")
    for entry in root["compose"]?[DistributionEntries.key]?.entries ?? [] {
      visit(keyring: entry.value["keyring"], "\(DistributionEntries.path).\(entry.key).keyring")
    }
    visitClaims(root)
  }

  private mutating func visit(keyring: RecipeNode?, _ path: String) {
    for (index, key) in (keyring?.items ?? []).enumerated() {
      let scheme = key.text.flatMap(TextForm.scheme)
      guard let scheme, scheme != "https", scheme != "file" else { continue }
      refuse(
        key.mark, "\(path)[\(index)]",
        "expected an https URL or a path, found \(key.found); a key must come over https")
    }
  }

  private mutating func visitClaims(_ root: RecipeNode) {
    if let includes = root.entry("includes"), !includes.value.items.isEmpty {
      refuse(
        includes.keyMark, "includes", "other spec files are not merged; write the merged definition"
      )
    }
    if let variant = root["variant"], variant.text == "helm" {
      refuse(
        variant.mark, "variant", "expected runtime or dev, found \"helm\"; charts are not composed")
    }
    for key in ["fips-compliant", "stig-certified"] where root[key]?.boolean == true {
      refuse(
        root[key]?.mark ?? root.mark, key,
        "expected false, found true; composing cannot prove the claim, so remove it")
    }
  }

  private mutating func visit(file item: RecipeNode, _ path: String) {
    condition(item, path)
    if let secret = item.entry("secret-id") {
      refuse(secret.keyMark, "\(path).secret-id", "downloads with a secret are not supported")
    }
    if let url = item["url"], let scheme = url.text.flatMap(TextForm.scheme),
      scheme != "https", scheme != "file"
    {
      refuse(
        url.mark, "\(path).url",
        "expected an https URL or a path relative to the recipe, found \(url.found)")
    }
    if let checksum = item["checksum"], checksum.text?.hasPrefix("sha256:") != true {
      refuse(
        checksum.mark, "\(path).checksum",
        "expected sha256: and 64 hexadecimal digits, found \(checksum.found)")
    }
  }

  private mutating func visit(path item: RecipeNode, _ path: String) {
    guard let source = item["source"], let text = source.text, item["type"]?.text != "symlink",
      text.hasPrefix("/")
    else { return }
    refuse(
      source.mark, "\(path).source",
      "expected a path relative to the recipe, found \(source.found)")
  }

  private mutating func condition(_ item: RecipeNode, _ path: String) {
    guard let condition = item.entry("if") else { return }
    refuse(
      condition.keyMark, "\(path).if",
      "conditions are not evaluated; remove it, or name the item's platforms")
  }

  private mutating func refuse(_ mark: RecipeNode.Mark, _ path: String, _ message: String) {
    errors.append(
      ComposeError(
        .unsupportedRecipe, "\(file):\(mark.line):\(mark.column)", "\(path): \(message)"))
  }
}
