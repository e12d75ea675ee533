/// Covers Python's byte-compilation, which is left out.
struct PythonBytecode: ScriptHandler {
  let name = "python-bytecode"

  private static let reason =
    "not byte-compiled: Python compiles sources in memory, and running the target's interpreter is what "
    + "composing never does; the image is smaller by the same files"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    switch step.program {
    case "py3compile", "py3clean", "pycompile", "pypy3compile", "dh_python3": return Self.reason
    case let program where program.hasPrefix("python3"):
      let compiles = step.arguments.contains {
        $0.hasSuffix("/py_compile.py") || $0 == "py_compile" || $0 == "compileall"
      }
      return compiles ? Self.reason : nil
    case "$filt" where package.name.hasPrefix("python3."): return Self.reason
    default:
      let isHook =
        step.words.first?.hasPrefix("/usr/share/python3/runtime.d/") == true
        || (step.words.first == "$hook" && package.name.hasPrefix("python3"))
      return isHook ? "runtime hooks only renew byte code: " + Self.reason : nil
    }
  }
}
