/// Translations and locale data, but for C.UTF-8. Naming the package `locales` or `locales-all`, or Alpine's
/// `musl-locales` or `lang`, keeps all of them.
struct LocalesRule: PathRule {
  let name = "locales"
  let summary = "drops translations and locale data but C.UTF-8"
  let bindsRecipe = false

  private static let packages: Set<String> = [
    "lang", "locales", "locales-all", "musl-locales", "musl-locales-lang",
  ]
  private static let places: PlaceSet = [
    "usr/share/locale", "usr/share/i18n", "usr/lib/locale", "etc/locale.alias", "etc/locale.gen",
    "usr/share/locale-langpack",
  ]
  private static let kept: PlaceSet = [
    "usr/lib/locale/C.utf8", "usr/lib/locale/C.UTF-8",
  ]

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    guard context.requestedPackages.isDisjoint(with: Self.packages) else { return { _, _ in nil } }
    return { path, _ in
      Self.places.holds(path) && !Self.kept.holds(path) ? .drop("locale data") : nil
    }
  }
}
