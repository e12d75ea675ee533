/// `ldconfig`, which has nothing to do for musl: its loader keeps no cache, but reads `/etc/ld-musl-ARCH.path` or
/// searches `/lib`, `/usr/local/lib` and `/usr/lib`.
struct MuslLoader: ScriptHandler {
  let name = "loader-cache"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    step.program == "ldconfig" && step.outputs.isEmpty
      ? "no cache of libraries: musl's loader has none" : nil
  }
}
